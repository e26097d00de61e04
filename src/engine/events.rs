//! What happens on the way, for whoever shows it.

use std::sync::Arc;

use skyform_plan::ChangeAction;
use skyform_provider_sdk::ProgressEvent;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An object is being read again.
    RefreshStarted {
        /// The instance.
        address: String,
        /// Its id, if it has one.
        id: Option<String>,
    },
    /// An object has been read again.
    RefreshFinished {
        /// The instance.
        address: String,
        /// Its id, if it has one.
        id: Option<String>,
    },
    /// An action has begun.
    Started {
        /// The instance.
        address: String,
        /// What is done: `Create`, `Update`, `Delete` or `Read`.
        action: ChangeAction,
        /// The object's id, if it has one.
        id: Option<String>,
    },
    /// An action reports on its way.
    Progress {
        /// The instance.
        address: String,
        /// What it says.
        event: ProgressEvent,
    },
    /// An action is done.
    Finished {
        /// The instance.
        address: String,
        /// What was done.
        action: ChangeAction,
        /// The object's id, if it has one.
        id: Option<String>,
    },
    /// An action has failed.
    Failed {
        /// The instance.
        address: String,
        /// What was tried.
        action: ChangeAction,
    },
    /// Something is being done to an ephemeral resource.
    EphemeralStarted {
        /// The instance.
        address: String,
        /// What.
        step: EphemeralStep,
    },
    /// It is done.
    EphemeralFinished {
        /// The instance.
        address: String,
        /// What was done.
        step: EphemeralStep,
    },
    /// It has failed.
    EphemeralFailed {
        /// The instance.
        address: String,
        /// What was tried.
        step: EphemeralStep,
    },
    /// A provisioner has begun.
    ProvisionStarted {
        /// The instance.
        address: String,
        /// The provisioner's type.
        provisioner: String,
    },
    /// A provisioner has ended.
    ProvisionFinished {
        /// The instance.
        address: String,
        /// The provisioner's type.
        provisioner: String,
        /// Whether it ended well.
        good: bool,
    },
    /// A provisioner wrote a line.
    Output {
        /// The instance.
        address: String,
        /// The provisioner's type.
        provisioner: String,
        /// The line.
        line: String,
    },
}

/// What is done to an ephemeral resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EphemeralStep {
    /// It is opened: its value is fetched.
    Open,
    /// It is kept open for longer.
    Renew,
    /// It is closed.
    Close,
}

impl EphemeralStep {
    /// `open`
    pub fn name(self) -> &'static str {
        match self {
            EphemeralStep::Open => "open",
            EphemeralStep::Renew => "renew",
            EphemeralStep::Close => "close",
        }
    }

    /// What is going on, and what it is called when it is over.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            EphemeralStep::Open => ("Opening", "Opening"),
            EphemeralStep::Renew => ("Renewing", "Renewal"),
            EphemeralStep::Close => ("Closing", "Closing"),
        }
    }
}

/// Receives events; must not block.
pub trait Events: Send + Sync {
    /// Takes note of an event.
    fn event(&self, event: Event);
}

/// Ignores events.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoEvents;

impl Events for NoEvents {
    fn event(&self, _event: Event) {}
}

/// A provider's progress as events of an instance.
pub(crate) struct ProgressOf {
    pub address: String,
    pub events: Arc<dyn Events>,
}

impl skyform_provider_sdk::Progress for ProgressOf {
    fn report(&self, event: ProgressEvent) {
        self.events.event(Event::Progress { address: self.address.clone(), event });
    }
}
