//! Failures for which there is no answer.

use crate::failure::class::FailureClass;

/// How a connection failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection: no address for the name, nobody there, refused, no TLS, no proxy.
    Connect,
    /// A time ran out, whichever: to connect, to the first byte, to the end.
    Timeout,
    /// The connection was lost.
    Closed,
    /// Something came that is no answer, or breaks off.
    Unreadable,
}

/// How far a request had come when its connection failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendPhase {
    /// Nothing of the request was sent.
    Connecting,
    /// Some of it was sent, so the provider may have begun to work on it.
    Sent,
}

pub(super) fn class(error: TransportError, phase: SendPhase) -> FailureClass {
    match (error, phase) {
        (TransportError::Timeout, _) => FailureClass::Timeout,
        (TransportError::Connect, _) | (TransportError::Closed, SendPhase::Connecting) => {
            FailureClass::ConnectError
        }
        (TransportError::Closed, SendPhase::Sent) | (TransportError::Unreadable, _) => {
            FailureClass::ServerError
        }
    }
}
