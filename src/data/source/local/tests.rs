//! Folders that are made for each test.

use super::*;

fn folder_with(paths: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for path in paths {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("inside")).expect("a folder");
        fs::write(&path, path.to_string_lossy().as_bytes()).expect("a file");
    }
    folder
}

fn names(base: &Path, source: &str) -> Result<String, String> {
    let files = list(base, source).map_err(|error| error.to_string())?;
    for file in &files {
        let read = read(&file.path, 1000).expect("what is listed is read");
        assert_eq!(read.len() as u64, file.size);
        assert!(file.modified.is_some());
    }
    Ok(files.into_iter().map(|file| file.name).collect::<Vec<_>>().join(" "))
}

#[test]
fn files_folders_and_patterns() {
    let paths =
        ["d/b.csv", "d/a.csv", "d/deep/c.csv", "d/x.txt", "d/.hidden", "d/.git/y.csv", "[1].csv"];
    let folder = folder_with(&paths);
    fs::create_dir(folder.path().join("empty")).expect("a folder");
    let cases = [
        ("d/a.csv", Ok("a.csv")),
        ("./d/a.csv", Ok("a.csv")),
        ("d", Ok("a.csv b.csv deep/c.csv x.txt")),
        ("d/", Ok("a.csv b.csv deep/c.csv x.txt")),
        ("d/*.csv", Ok("a.csv b.csv")),
        ("d/**/*.csv", Ok("a.csv b.csv deep/c.csv")),
        ("*/*.csv", Ok("d/a.csv d/b.csv")),
        ("d/[ab].csv", Ok("a.csv b.csv")),
        ("d/{b,x}.*", Ok("b.csv x.txt")),
        ("d/?.csv", Ok("a.csv b.csv")),
        // A file that is called so is no pattern.
        ("[1].csv", Ok("[1].csv")),
        ("gone.csv", Err("gone.csv does not exist")),
        ("gone/*.csv", Err("gone/*.csv does not exist")),
        ("d/*.parquet", Err("d/*.parquet does not exist")),
        ("empty", Err("empty is no source: the folder has no files")),
        ("d/[a.csv", Err("d/[a.csv is no source: unclosed character class; missing ']'")),
    ];
    for (source, expected) in cases {
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(names(folder.path(), source), expected, "{source}");
    }
    let whole = folder.path().join("d/*.csv");
    assert_eq!(
        names(Path::new("elsewhere"), &whole.to_string_lossy()),
        Ok("a.csv b.csv".to_owned())
    );
}

#[test]
fn what_is_too_large_is_not_read() {
    let folder = folder_with(&["a"]);
    let path = folder.path().join("a");
    let size = fs::metadata(&path).expect("a file").len();
    assert!(read(&path, size).is_ok());
    let expected = SourceError::too_large(&path.to_string_lossy(), size - 1);
    assert_eq!(read(&path, size - 1), Err(expected));
    let gone = folder.path().join("gone");
    assert_eq!(read(&gone, 1), Err(SourceError::not_found(&gone.to_string_lossy())));
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_not_in_circles() {
    use std::os::unix::fs::symlink;
    let folder = folder_with(&["d/a.csv", "other/b.csv"]);
    let link = |to: &str, from: &str| symlink(to, folder.path().join(from)).expect("a link");
    link("../other", "d/more");
    link("../other/b.csv", "d/one.csv");
    assert_eq!(names(folder.path(), "d"), Ok("a.csv more/b.csv one.csv".to_owned()));
    link("..", "other/up");
    let expected = "d is no source: the folder \"more/up/d\" leads back to one that it is in";
    assert_eq!(names(folder.path(), "d"), Err(expected.to_owned()));
    let broken = folder_with(&["a.csv"]);
    symlink("gone", broken.path().join("b.csv")).expect("a link");
    assert_eq!(names(broken.path(), "."), Err(".: b.csv does not exist".to_owned()));
}

#[cfg(unix)]
#[test]
fn what_is_no_file() {
    use std::os::unix::net::UnixListener;
    let folder = folder_with(&["a.csv"]);
    let _socket = UnixListener::bind(folder.path().join("s")).expect("a socket");
    let expected = ". is no source: \"s\" is neither a file nor a folder";
    assert_eq!(names(folder.path(), "."), Err(expected.to_owned()));
}
