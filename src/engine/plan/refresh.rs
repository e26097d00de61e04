//! Reading a stored object again; what has changed outside is drift.

use std::sync::Arc;

use skyform_diag::{Diagnostics, Location};
use skyform_lang::config::Resource;
use skyform_plan::{ChangeAction, ResourceChange};
use skyform_provider_sdk::{Problems, ReadRequest};
use skyform_state::journal::{Change, apply_change};
use skyform_state::{DeposedKey, Object};
use skyform_value::{InstanceAddress, Marks, Value};

use super::walk::Walk;
use crate::Event;
use crate::objects::{self, decode, mark, sensitive_paths};
use crate::providers::Resolved;

impl Walk<'_> {
    /// Where nothing but the state changes, objects that have moved are part of what has changed.
    pub(super) async fn note_moves(&self) {
        for (address, from) in self.moves {
            let known = self.found.borrow().drift.iter().any(|change| change.address == *address);
            let text = address.to_string();
            let stored = self.found.borrow().prior.object(address).cloned();
            let Some(object) = stored.filter(|_| !known) else { continue };
            let resource = &address.resource;
            let provider = self.prior.resources.get(resource).map(|stored| stored.provider.clone());
            let provider = provider.unwrap_or_default();
            let found =
                self.request.providers.of_stored(&provider, resource.mode, &resource.type_name);
            let Some(resolved) = found else { continue };
            let decoded = decode(&resolved, &text, &resource.type_name, &object).await;
            let Ok(value) = decoded else { continue };
            self.found.borrow_mut().drift.push(ResourceChange {
                address: address.clone(),
                previous_address: Some(from.clone()),
                deposed: None,
                provider,
                action: ChangeAction::NoOp,
                reason: None,
                before: value.clone(),
                after: value,
                config: None,
                requires_replace: Vec::new(),
                private: Vec::new(),
                notes: Vec::new(),
                importing: None,
                span: None,
            });
        }
    }

    /// The object as it is now, and as stored; what has changed outside is noted as drift.
    pub(super) async fn refresh(
        &self,
        resolved: &Resolved,
        address: &InstanceAddress,
        text: &str,
        stored: Option<&Object>,
        block: &Resource,
    ) -> Result<Option<(Value, Object)>, Diagnostics> {
        let Some(object) = stored else { return Ok(None) };
        let read = self.read_again(resolved, address, text, object, None).await;
        read.map_err(|problems| {
            let place = Location::Span(block.span);
            problems
                .into_iter()
                .map(|p| p.into_diagnostic(place.clone(), text))
                .collect::<Diagnostics>()
        })?
    }

    /// Reads a stored object again, if that is wanted, and takes note of what has changed. It is the
    /// current one or the deposed one with a key.
    pub(super) async fn read_again(
        &self,
        resolved: &Resolved,
        address: &InstanceAddress,
        text: &str,
        object: &Object,
        deposed: Option<&DeposedKey>,
    ) -> Result<Result<Option<(Value, Object)>, Diagnostics>, Problems> {
        let type_name = address.resource.type_name.as_str();
        let before = match decode(resolved, text, type_name, object).await {
            Ok(value) => value,
            Err(errors) => return Ok(Err(errors)),
        };
        if !self.request.options.refresh {
            return Ok(Ok(Some((before, object.clone()))));
        }
        let permit = self.limit.acquire().await;
        self.request.events.event(Event::RefreshStarted {
            address: text.to_owned(),
            id: objects::shown_id(&before),
        });
        let answer = resolved
            .provider
            .read(ReadRequest {
                type_name,
                address: text,
                current: before.unmarked(),
                private: object.private.to_vec(),
            })
            .await?;
        drop(permit);
        self.request.events.event(Event::RefreshFinished {
            address: text.to_owned(),
            id: objects::shown_id(&before),
        });
        let marks: Vec<_> = object
            .sensitive
            .iter()
            .map(|path| (path.clone(), Marks::SENSITIVE))
            .chain(sensitive_paths(&resolved.schema.block))
            .collect();
        let now = mark(&answer.state, &marks);
        if now == before {
            return Ok(Ok(Some((before, object.clone()))));
        }
        let refreshed = (!now.is_null()).then(|| Object {
            status: object.status,
            ..objects::encode(
                resolved,
                &now,
                answer.private,
                Arc::clone(&object.dependencies),
                object.create_before_destroy,
            )
        });
        let (at, provider) = (address.clone(), resolved.config_address.clone());
        let object = refreshed.clone();
        let change = match deposed {
            Some(key) => Change::Deposed { address: at, key: key.clone(), provider, object },
            None => Change::Current { address: at, provider, object },
        };
        let mut found = self.found.borrow_mut();
        apply_change(&mut found.prior, &change);
        found.drift.push(ResourceChange {
            address: address.clone(),
            previous_address: self.moves.get(address).cloned(),
            deposed: deposed.cloned(),
            provider: resolved.config_address.clone(),
            action: if now.is_null() { ChangeAction::Delete } else { ChangeAction::Update },
            reason: None,
            before,
            after: now.clone(),
            config: None,
            requires_replace: Vec::new(),
            private: Vec::new(),
            notes: Vec::new(),
            importing: None,
            span: None,
        });
        Ok(Ok(refreshed.map(|object| (now, object))))
    }
}
