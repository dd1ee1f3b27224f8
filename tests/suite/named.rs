//! Public threads where users of other gateways got hurt.
