//! What is written to the journal.

use std::sync::Arc;

use skyform_value::{InstanceAddress, Str};

use crate::{DeposedKey, Object, OutputState, PlacementState};

/// SHA-256 of an object's attributes as JSON text.
pub type Digest = [u8; 32];

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// The run begins, from the state of this lineage and serial.
    Begin {
        /// Lineage of the state.
        lineage: String,
        /// Serial of the state.
        serial: u64,
    },
    /// All that stands before is about to be saved as the state with this serial, in a place that
    /// others write to as well.
    Saving {
        /// Serial of the state that is saved.
        serial: u64,
        /// SHA-256 of its text, in hexadecimal.
        digest: String,
    },
    /// A provider is about to be called.
    Intent(Intent),
    /// A provider has answered.
    Outcome(Outcome),
    /// Changes of the state that need no provider (moves, forgets, refreshed objects): all or none.
    Changes(Vec<Change>),
}

/// What is about to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Number of the intent in this journal; its outcome names it.
    pub id: u64,
    /// The instance.
    pub address: InstanceAddress,
    /// The deposed object that is meant, if it is not the current one.
    pub deposed: Option<DeposedKey>,
    /// What is done.
    pub action: IntentAction,
    /// The provider's configuration address.
    pub provider: Str,
    /// Digest of the object before.
    pub prior: Option<Digest>,
    /// The planned object's known attributes as JSON text (unknown ones are left out), for lookup.
    pub planned: Option<Arc<str>>,
    /// The provider's private bytes of the plan, for lookup.
    pub private: Arc<[u8]>,
    /// Idempotency token.
    pub token: String,
}

/// What an intent does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntentAction {
    /// Makes a new object.
    Create,
    /// Changes the object.
    Update,
    /// Deletes the object.
    Delete,
    /// Runs provisioners on an object that exists.
    Provision,
}

/// What became of an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The intent's number.
    pub intent: u64,
    /// The changes to the state that follow.
    pub changes: Vec<Change>,
    /// The error, if it failed.
    pub error: Option<String>,
}

/// A change of the state. Except for a move, it says what is, not what is done to it: so doing a row
/// of changes twice is the same as once. A move is written to the journal as what comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The current object is now this; `None`: there is none.
    Current {
        /// The instance.
        address: InstanceAddress,
        /// The provider's configuration address.
        provider: Str,
        /// The object.
        object: Option<Object>,
    },
    /// A deposed object is now this; `None`: it is gone.
    Deposed {
        /// The instance.
        address: InstanceAddress,
        /// Which one.
        key: DeposedKey,
        /// The provider's configuration address.
        provider: Str,
        /// The object.
        object: Option<Object>,
    },
    /// All of an instance now stands at another address.
    Moved {
        /// Where it stood.
        from: InstanceAddress,
        /// Where it stands.
        to: InstanceAddress,
    },
    /// An output is now this; `None`: it is gone.
    Output {
        /// Its name.
        name: Str,
        /// Its value.
        value: Option<OutputState>,
    },
    /// A placement decided this; `None`: it is gone.
    Placement {
        /// Its address.
        address: String,
        /// The decision.
        decision: Option<PlacementState>,
    },
    /// Results of checks, as JSON text in the form of state v4.
    Checks(Option<String>),
}
