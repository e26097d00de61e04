//! Clouds that were made once: each keeps its connections and its credentials.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{CloudSettings, Problem};

/// The clouds that a driver has made, by their settings.
#[derive(Debug)]
pub struct CloudCache<T> {
    made: Mutex<Vec<(CloudSettings, Arc<T>)>>,
}

impl<T> Default for CloudCache<T> {
    fn default() -> Self {
        Self { made: Mutex::default() }
    }
}

impl<T> CloudCache<T> {
    /// The cloud with these settings, which is made if there is none yet.
    ///
    /// # Errors
    /// If it cannot be made; the next call tries again.
    pub fn get_or_make(
        &self,
        settings: &CloudSettings,
        make: impl FnOnce() -> Result<T, Problem>,
    ) -> Result<Arc<T>, Problem> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, cloud)) = made.iter().find(|(known, _)| known == settings) {
            return Ok(Arc::clone(cloud));
        }
        let cloud = Arc::new(make()?);
        made.push((settings.clone(), Arc::clone(&cloud)));
        Ok(cloud)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProblemKind;

    #[test]
    fn each_is_made_once() {
        let cache = CloudCache::default();
        let east = CloudSettings { name: "east".to_owned(), ..CloudSettings::default() };
        let failed = cache.get_or_make(&east, || {
            Err::<u32, _>(Problem::error(ProblemKind::Invalid, "Not yet", "Not yet."))
        });
        assert!(failed.is_err());
        assert_eq!(cache.get_or_make(&east, || Ok(1)).as_deref(), Ok(&1));
        assert_eq!(cache.get_or_make(&east, || Ok(2)).as_deref(), Ok(&1));
        let west = CloudSettings { region: "west".to_owned(), ..east };
        assert_eq!(cache.get_or_make(&west, || Ok(3)).as_deref(), Ok(&3));
    }
}
