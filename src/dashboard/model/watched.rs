//! The folders that are watched for new files.

/// A watched folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedFolder {
    /// Its ID, unique in a run.
    pub id: u32,
    /// Its path as the user typed it. Untrusted text.
    pub path: String,
    /// Number of files in it that are incomplete.
    pub arriving: usize,
}

/// The watched folders, in the order of addition.
#[derive(Debug, Clone, Default)]
pub struct WatchedFolders {
    folders: Vec<WatchedFolder>,
    last_id: u32,
}

impl WatchedFolders {
    /// Adds a folder and returns its ID; `None` if it is watched already.
    pub fn add(&mut self, path: &str) -> Option<u32> {
        if self.folders.iter().any(|folder| folder.path == path) {
            return None;
        }
        self.last_id += 1;
        self.folders.push(WatchedFolder {
            id: self.last_id,
            path: path.to_owned(),
            arriving: 0,
        });
        Some(self.last_id)
    }

    /// Removes a folder and returns it.
    pub fn remove(&mut self, id: u32) -> Option<WatchedFolder> {
        let index = self.folders.iter().position(|folder| folder.id == id)?;
        Some(self.folders.remove(index))
    }

    /// Sets the number of incomplete files in a folder.
    pub fn set_arriving(&mut self, id: u32, arriving: usize) {
        if let Some(folder) = self.folders.iter_mut().find(|folder| folder.id == id) {
            folder.arriving = arriving;
        }
    }

    /// Returns the folders.
    pub fn list(&self) -> &[WatchedFolder] {
        &self.folders
    }

    /// Returns the number of incomplete files in all folders.
    pub fn arriving(&self) -> usize {
        self.folders.iter().map(|folder| folder.arriving).sum()
    }
}
