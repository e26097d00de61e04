//! States that are kept elsewhere: each backend on a server that speaks its protocol.

mod faults;
mod http_server;
mod init;
mod life;
mod place;
mod terraform;
