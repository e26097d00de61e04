//! Tests of the replicas: failures, panics, a full queue, and stopping.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;
use crate::interface::Interface;
use crate::runtime::RuntimeKind;
use crate::tensor::Data;

const SECOND: Duration = Duration::from_secs(1);

/// A model that does as its input says: answers it, panics on 0, fails on 1, and on 2 says that
/// it runs and waits to be let go on.
struct Scripted {
    interface: Interface,
    running: Sender<()>,
    go_on: Arc<Mutex<Receiver<()>>>,
}

struct ScriptedReplica {
    running: Sender<()>,
    go_on: Arc<Mutex<Receiver<()>>>,
}

impl Model for Scripted {
    fn interface(&self) -> &Interface {
        &self.interface
    }

    fn runtime(&self) -> RuntimeKind {
        RuntimeKind::Tract
    }

    fn replica(&self) -> Result<Box<dyn Replica>, RunError> {
        let (running, go_on) = (self.running.clone(), Arc::clone(&self.go_on));
        Ok(Box::new(ScriptedReplica { running, go_on }))
    }
}

impl Replica for ScriptedReplica {
    fn run(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, RunError> {
        match inputs[0].data {
            Data::Int64(ref values) if values[0] == 0 => panic!("as told"),
            Data::Int64(ref values) if values[0] == 1 => {
                Err(RunError::Runtime("as told".to_owned()))
            }
            Data::Int64(ref values) if values[0] == 2 => {
                self.running.send(()).unwrap();
                self.go_on.lock().unwrap().recv().unwrap();
                Ok(inputs)
            }
            _ => Ok(inputs),
        }
    }
}

/// A pool; what tells that a replica waits; what lets it go on.
fn pool(replicas: usize, capacity: usize) -> (Pool, Receiver<()>, Sender<()>) {
    let (running, is_running) = channel();
    let (let_go, go_on) = channel();
    let interface =
        Interface { inputs: Vec::new(), outputs: Vec::new(), parameters: BTreeMap::new() };
    let go_on = Arc::new(Mutex::new(go_on));
    let model: Arc<dyn Model> = Arc::new(Scripted { interface, running, go_on });
    (Pool::start(&model, replicas, capacity).unwrap(), is_running, let_go)
}

fn input(value: i64) -> Vec<Tensor> {
    vec![Tensor { shape: vec![1], data: Data::Int64(vec![value]) }]
}

#[tokio::test]
async fn failures_and_panics_are_answers_and_the_worker_goes_on() {
    let (pool, ..) = pool(1, 4);
    for _ in 0..3 {
        let error = pool.run(input(0)).await.unwrap_err();
        assert_eq!(error.to_string(), "the runtime broke off");
        let error = pool.run(input(1)).await.unwrap_err();
        assert_eq!(error.to_string(), "as told");
        assert_eq!(pool.run(input(5)).await.unwrap().outputs, input(5));
    }
    assert!(pool.stop(SECOND));
}

#[tokio::test]
async fn a_full_queue_refuses_and_a_stopped_pool_too() {
    let (pool, is_running, let_go) = pool(1, 1);
    let busy = pool.run(input(2));
    let queued = pool.run(input(7));
    let script = async {
        // The one replica is busy, so the next request fills the queue.
        is_running.recv().unwrap();
        let full = async { pool.run(input(8)).await.unwrap_err() };
        let (queued, full) = tokio::join!(queued, async {
            let full = full.await;
            let_go.send(()).unwrap();
            full
        });
        assert!(matches!(full, PoolError::Full), "{full}");
        assert_eq!(queued.unwrap().outputs, input(7));
    };
    let (busy, ()) = tokio::join!(busy, script);
    assert_eq!(busy.unwrap().outputs, input(2));
    assert!(pool.stop(SECOND));
    let closed = pool.run(input(9)).await.unwrap_err();
    assert!(matches!(closed, PoolError::Closed), "{closed}");
}

#[tokio::test]
async fn a_request_that_was_given_up_in_the_queue_is_not_run() {
    let (pool, is_running, let_go) = pool(1, 4);
    let script = async {
        is_running.recv().unwrap();
        // Put in the queue, then dropped. It would wait for ever if it ran.
        let given_up = tokio::time::timeout(Duration::ZERO, pool.run(input(2))).await;
        assert!(given_up.is_err());
        let_go.send(()).unwrap();
    };
    let (busy, ()) = tokio::join!(pool.run(input(2)), script);
    assert!(busy.is_ok());
    assert_eq!(pool.run(input(5)).await.unwrap().outputs, input(5));
    assert!(is_running.try_recv().is_err(), "the second one ran");
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let (pool, is_running, let_go) = pool(1, 4);
    let script = async {
        is_running.recv().unwrap();
        let ended = pool.stop(Duration::ZERO);
        let_go.send(()).unwrap();
        ended
    };
    let (busy, ended) = tokio::join!(pool.run(input(2)), script);
    assert!(!ended);
    assert!(busy.is_ok(), "what has begun is answered");
    assert!(pool.stop(SECOND));
}
