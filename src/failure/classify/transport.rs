//! Failures of the connection, where there is no response.

use crate::failure::class::FailureClass;

/// How a connection failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection: DNS, TCP, TLS or the proxy failed, or the connection was refused.
    Connect,
    /// A timeout expired: to connect, to the first byte, or to the end.
    Timeout,
    /// The connection was lost.
    Closed,
    /// The response was malformed or incomplete.
    Unreadable,
}

/// How far a request got before its connection failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendPhase {
    /// Nothing of the request was sent.
    Connecting,
    /// At least a part was sent, so the provider may have started to process it.
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
