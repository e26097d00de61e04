//! The table: where it is made, and which workspaces have a row.

use std::sync::Arc;

use skyform_state::{Remote, RemoteError};

use super::client::{Database, database_error};
use super::row::PgRow;
use crate::background::Background;
use crate::connect::ConnectError;
use crate::remotes::Remotes;
use crate::settings::Settings;

/// The table of states.
#[derive(Clone, Debug)]
pub(crate) struct PgPlace {
    pub(super) background: Arc<Background>,
    pub(super) database: Arc<Database>,
    /// The schema, quoted.
    pub(super) schema: String,
    makes_schema: bool,
    makes_table: bool,
    makes_index: bool,
}

/// The table that the settings name; nothing is sent yet.
pub(crate) fn connect(settings: &Settings) -> Result<PgPlace, ConnectError> {
    let schema = settings.text_or("schema_name", "terraform_remote_state");
    Ok(PgPlace {
        background: Arc::new(Background::start()?),
        database: Arc::new(Database::new(settings)?),
        schema: quoted(&schema),
        makes_schema: !settings.is_true("skip_schema_creation"),
        makes_table: !settings.is_true("skip_table_creation"),
        makes_index: !settings.is_true("skip_index_creation"),
    })
}

/// A name as it stands in a statement.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl PgPlace {
    /// Makes what is not there yet and may be made.
    pub(super) async fn prepare(&self) -> Result<(), RemoteError> {
        let client = self.database.client().await?;
        let run = async |statement: String| {
            client.batch_execute(&statement).await.map_err(|error| database_error(&error))
        };
        let schema = &self.schema;
        let known = "SELECT count(1) FROM information_schema.schemata WHERE schema_name = $1";
        let name = schema.trim_matches('"').replace("\"\"", "\"");
        let found = client.query_one(known, &[&name]).await;
        let is_there = found.map_err(|error| database_error(&error))?.get::<_, i64>(0) > 0;
        if self.makes_schema && !is_there {
            run(format!("CREATE SCHEMA IF NOT EXISTS {schema}")).await?;
        }
        let table = "SELECT to_regclass($1) IS NOT NULL";
        let there = client.query_one(table, &[&format!("{schema}.states")]).await;
        if there.map_err(|error| database_error(&error))?.get::<_, bool>(0) {
            return Ok(());
        }
        if self.makes_table {
            run("CREATE SEQUENCE IF NOT EXISTS public.global_states_id_seq AS bigint".to_owned())
                .await?;
            run(format!(
                "CREATE TABLE IF NOT EXISTS {schema}.states (id bigint NOT NULL DEFAULT nextval('public.global_states_id_seq') PRIMARY KEY, name text UNIQUE, data text)"
            ))
            .await?;
        }
        if self.makes_index {
            run(format!(
                "CREATE UNIQUE INDEX IF NOT EXISTS states_by_name ON {schema}.states (name)"
            ))
            .await?;
        }
        Ok(())
    }
}

impl Remotes for PgPlace {
    fn place(&self) -> String {
        self.database.place()
    }

    fn list(&self) -> Result<Vec<String>, RemoteError> {
        let place = self.clone();
        self.background.wait(async move {
            place.prepare().await?;
            let client = place.database.client().await?;
            let statement = format!("SELECT name FROM {}.states", place.schema);
            let rows = client.query(&statement, &[]).await;
            let rows = rows.map_err(|error| database_error(&error))?;
            Ok(rows.iter().filter_map(|row| row.get::<_, Option<String>>(0)).collect())
        })
    }

    fn delete(&self, workspace: &str) -> Result<(), RemoteError> {
        let (place, name) = (self.clone(), workspace.to_owned());
        self.background.wait(async move {
            let client = place.database.client().await?;
            let statement = format!("DELETE FROM {}.states WHERE name = $1", place.schema);
            let done = client.execute(&statement, &[&name]).await;
            done.map(drop).map_err(|error| database_error(&error))
        })
    }

    fn remote(&self, workspace: &str) -> Arc<dyn Remote> {
        Arc::new(PgRow { place: self.clone(), name: workspace.to_owned() })
    }
}
