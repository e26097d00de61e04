//! The parts of an object, read ahead of what is done with them.
//!
//! From a store an object comes as one stream: one request, whatever its size, that goes on where it was
//! if it breaks. Some stores look through an object as a whole for each range of it that is asked for.
//! A file is read part by part.

use std::collections::VecDeque;

use bytes::Bytes;
use futures::TryStreamExt as _;
use opendal::{Buffer, Reader, Result};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Parts in their order, all of the same size but the last. Dropping it ends the reading.
pub(super) struct Parts {
    ready: mpsc::Receiver<Result<Buffer>>,
    _reading: JoinSet<()>,
}

/// How an object is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Of the object, in bytes.
    pub(super) size: u64,
    /// Of a part.
    pub(super) part_size: u64,
    /// Parts that are read, or ready, at most.
    pub(super) ahead: usize,
    /// As one stream, or part by part.
    pub(super) streams: bool,
}

impl Parts {
    pub(super) fn of(reader: Reader, reading: Reading) -> Parts {
        // One more is in the hands of the reading itself.
        let (sender, ready) = mpsc::channel(reading.ahead.saturating_sub(1).max(1));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let read = match reading.streams {
                true => stream(reader, reading, &sender).await,
                false => ranges(reader, reading, &sender).await,
            };
            if let Err(error) = read {
                let _ = sender.send(Err(error)).await;
            }
        });
        Parts { ready, _reading: tasks }
    }

    /// The next part; none at the end. One that is too short is the last one.
    pub(super) async fn next(&mut self) -> Option<Result<Buffer>> {
        self.ready.recv().await
    }
}

/// Hands on parts until nobody takes them any more.
async fn ranges(
    reader: Reader,
    Reading { size, part_size, .. }: Reading,
    sender: &mpsc::Sender<Result<Buffer>>,
) -> Result<()> {
    let mut at = 0;
    while at < size {
        let end = size.min(at + part_size);
        let part = reader.read(at..end).await?;
        if sender.send(Ok(part)).await.is_err() {
            return Ok(());
        }
        at = end;
    }
    Ok(())
}

async fn stream(
    reader: Reader,
    Reading { size, part_size, .. }: Reading,
    sender: &mpsc::Sender<Result<Buffer>>,
) -> Result<()> {
    let mut stream = reader.into_stream(0..size).await?;
    let mut rest: VecDeque<Bytes> = VecDeque::new();
    let mut at = 0;
    while at < size {
        let wanted = part_size.min(size - at);
        let part = gather(&mut stream, &mut rest, wanted).await?;
        let is_short = (part.len() as u64) < wanted;
        if sender.send(Ok(part)).await.is_err() || is_short {
            return Ok(());
        }
        at += wanted;
    }
    Ok(())
}

/// The next so many bytes of a stream, or fewer at its end; what is left over goes into `rest`.
async fn gather(
    stream: &mut opendal::BufferStream,
    rest: &mut VecDeque<Bytes>,
    wanted: u64,
) -> Result<Buffer> {
    let mut left = usize::try_from(wanted).unwrap_or(usize::MAX);
    let mut taken = Vec::new();
    while left > 0 {
        let Some(mut bytes) = rest.pop_front() else {
            match stream.try_next().await? {
                Some(more) => rest.extend(more),
                None => break,
            }
            continue;
        };
        if bytes.len() > left {
            rest.push_front(bytes.split_off(left));
        }
        left -= bytes.len();
        taken.push(bytes);
    }
    Ok(Buffer::from(taken))
}
