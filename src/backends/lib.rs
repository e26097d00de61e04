//! Where state is kept beside the local file: object stores, databases, HTTP servers.
