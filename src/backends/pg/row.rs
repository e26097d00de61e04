//! One state: a row of the table, and an advisory lock of the session.

use skyform_state::{LockInfo, Remote, RemoteError, RemoteErrorKind, Version};
use tokio_postgres::Client;

use super::client::database_error;
use super::place::PgPlace;
use crate::lock_text::version_of;

/// The lock of those who make a row.
const CREATION: i64 = -1;

/// The row of a workspace.
#[derive(Clone, Debug)]
pub(super) struct PgRow {
    pub(super) place: PgPlace,
    pub(super) name: String,
}

impl PgRow {
    async fn get(&self) -> Result<Option<Vec<u8>>, RemoteError> {
        self.place.prepare().await?;
        let client = self.place.database.client().await?;
        let statement = format!("SELECT data FROM {}.states WHERE name = $1", self.place.schema);
        let row = client.query_opt(&statement, &[&self.name]).await;
        let row = row.map_err(|error| database_error(&error))?;
        let data = row.and_then(|row| row.get::<_, Option<String>>(0));
        Ok(data.map(String::into_bytes))
    }

    /// Writes in place of what is expected: the row's text is compared in the statement itself.
    async fn put(&self, text: String, expected: Option<Vec<u8>>) -> Result<(), RemoteError> {
        let client = self.place.database.client().await?;
        let schema = &self.place.schema;
        let done = match expected {
            None => {
                let statement = format!(
                    "INSERT INTO {schema}.states (name, data) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET data = $2 WHERE states.data IS NULL OR states.data = ''"
                );
                client.execute(&statement, &[&self.name, &text]).await
            }
            Some(before) => {
                let before = String::from_utf8_lossy(&before).into_owned();
                let statement =
                    format!("UPDATE {schema}.states SET data = $2 WHERE name = $1 AND data = $3");
                client.execute(&statement, &[&self.name, &text, &before]).await
            }
        };
        match done.map_err(|error| database_error(&error))? {
            0 => Err(RemoteError::changed()),
            _ => Ok(()),
        }
    }

    async fn take_lock(&self, info: &LockInfo) -> Result<String, RemoteError> {
        self.place.prepare().await?;
        let client = self.place.database.client().await?;
        self.say_who(&client, info).await?;
        let statement = format!(
            "SELECT id, pg_try_advisory_lock(id), pg_try_advisory_lock({CREATION}) FROM {}.states WHERE name = $1",
            self.place.schema
        );
        let row = client.query_opt(&statement, &[&self.name]).await;
        let (key, own, creation) = match row.map_err(|error| database_error(&error))? {
            Some(row) => (row.get::<_, i64>(0), row.get::<_, bool>(1), row.get::<_, bool>(2)),
            None => {
                let statement = format!("SELECT pg_try_advisory_lock({CREATION})");
                let row = client.query_one(&statement, &[]).await;
                let taken = row.map_err(|error| database_error(&error))?.get::<_, bool>(0);
                if taken {
                    return Ok(info.id.clone());
                }
                (CREATION, false, false)
            }
        };
        if key != CREATION && creation {
            release(&client, CREATION).await?;
        }
        match (own, creation || key == CREATION) {
            (true, true) => return Ok(info.id.clone()),
            (true, false) => release(&client, key).await?,
            (false, _) => {}
        }
        let held = if own { CREATION } else { key };
        Err(RemoteError::locked(self.holder(&client, held).await?.unwrap_or_default()))
    }

    /// What others see of the holder: the name of the session.
    async fn say_who(&self, client: &Client, info: &LockInfo) -> Result<(), RemoteError> {
        let said = format!("skyform {} {}", info.who, info.operation);
        let set = "SELECT set_config('application_name', $1, false)";
        let done = client.execute(set, &[&said.chars().take(63).collect::<String>()]).await;
        done.map(drop).map_err(|error| database_error(&error))
    }

    /// The session that holds a lock. Its id as a lock is its process, which is how it is ended.
    async fn holder(&self, client: &Client, key: i64) -> Result<Option<LockInfo>, RemoteError> {
        let statement = "SELECT a.pid, a.application_name, a.usename::text, coalesce(host(a.client_addr), ''), to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted AND a.datname = current_database() AND ((l.classid::bigint << 32) | l.objid::bigint) = $1 LIMIT 1";
        let row = client.query_opt(statement, &[&key]).await;
        let Some(row) = row.map_err(|error| database_error(&error))? else { return Ok(None) };
        let (said, user, from) =
            (row.get::<_, String>(1), row.get::<_, Option<String>>(2), row.get::<_, String>(3));
        let session = format!("{}@{from}", user.unwrap_or_default());
        let mut words = said.strip_prefix("skyform ").unwrap_or_default().split(' ');
        let who = words.next().filter(|who| !who.is_empty()).map_or(session, str::to_owned);
        Ok(Some(LockInfo {
            id: row.get::<_, i32>(0).to_string(),
            who,
            operation: words.next().unwrap_or_default().to_owned(),
            created: row.get::<_, Option<String>>(4).unwrap_or_default(),
            ..LockInfo::default()
        }))
    }

    async fn key(&self, client: &Client) -> Result<i64, RemoteError> {
        let statement = format!("SELECT id FROM {}.states WHERE name = $1", self.place.schema);
        let row = client.query_opt(&statement, &[&self.name]).await;
        let row = row.map_err(|error| database_error(&error))?;
        Ok(row.map_or(CREATION, |row| row.get(0)))
    }

    /// Ends another session by force.
    async fn end_session(&self, id: &str) -> Result<(), RemoteError> {
        self.place.prepare().await?;
        let client = self.place.database.client().await?;
        let mut holder = None;
        for key in [self.key(&client).await?, CREATION] {
            if holder.is_none() {
                holder = self.holder(&client, key).await?;
            }
        }
        let Some(holder) = holder else { return Err(RemoteError::not_locked()) };
        let process = match id.parse::<i32>() {
            Ok(process) if holder.id == id => process,
            _ => return Err(RemoteError::other_lock(holder)),
        };
        let row = client.query_one("SELECT pg_terminate_backend($1)", &[&process]).await;
        match row.map_err(|error| database_error(&error))?.get::<_, bool>(0) {
            true => Ok(()),
            false => {
                Err(RemoteError::new(RemoteErrorKind::Other, "the session could not be ended"))
            }
        }
    }
}

async fn release(client: &Client, key: i64) -> Result<(), RemoteError> {
    let done = client.execute("SELECT pg_advisory_unlock($1)", &[&key]).await;
    done.map(drop).map_err(|error| database_error(&error))
}

impl Remote for PgRow {
    fn place(&self) -> String {
        format!("{}/{}", self.place.database.place(), self.name)
    }

    fn read(&self) -> Result<Option<(Vec<u8>, Version)>, RemoteError> {
        let row = self.clone();
        let found = self.place.background.wait(async move { row.get().await })?;
        Ok(found.filter(|bytes| !bytes.is_empty()).map(|bytes| {
            let version = version_of(&bytes);
            (bytes, version)
        }))
    }

    fn write(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, RemoteError> {
        let (row, expected) = (self.clone(), expected.cloned());
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.place.background.wait(async move {
            let before = row.get().await?.filter(|bytes| !bytes.is_empty());
            if before.as_deref().map(version_of) != expected {
                return Err(RemoteError::changed());
            }
            row.put(text, before).await
        })?;
        Ok(version_of(bytes))
    }

    fn lock(&self, info: &LockInfo) -> Result<String, RemoteError> {
        let (row, info) = (self.clone(), info.clone());
        self.place.background.wait(async move { row.take_lock(&info).await })
    }

    /// A lock of this process ends with its session; one with a process's number is of another.
    fn unlock(&self, id: &str) -> Result<(), RemoteError> {
        let (row, id) = (self.clone(), id.to_owned());
        self.place.background.wait(async move {
            if id.parse::<i32>().is_ok() {
                return row.end_session(&id).await;
            }
            row.place.database.close().await;
            Ok(())
        })
    }
}
