//! Positions are what an editor shows.

use super::*;

#[test]
fn positions_count_characters_from_one() {
    let text = "a = 1\nname = \"žluť\" # x\r\nlast";
    let mut map = SourceMap::default();
    let id = map.add("main.tf", text);
    let check = |needle: &str, line: usize, column: usize| {
        let start = text.find(needle).expect("the needle is in the text");
        let span = Span::new(id, start, start + needle.len());
        assert_eq!(map.display(span), format!("main.tf:{line}:{column}"), "{needle}");
        assert_eq!(map.text(span), needle);
    };
    check("a =", 1, 1);
    check("1\n", 1, 5);
    check("name", 2, 1);
    check("# x", 2, 15);
    check("last", 3, 1);
}

#[test]
fn lines_come_without_their_ends() {
    let mut map = SourceMap::default();
    let id = map.add("x", "one\r\ntwo\n");
    let source = map.get(id).expect("just added");
    let lines: Vec<_> = (0..5).map(|line| source.line(line)).collect();
    assert_eq!(lines, ["", "one", "two", "", ""]);
}

#[test]
fn an_offset_past_the_end_is_the_last_place() {
    let mut map = SourceMap::default();
    let id = map.add("x", "ab");
    assert_eq!(map.display(Span::new(id, 9, 9)), "x:1:3");
    assert_eq!(map.text(Span::new(id, 1, 9)), "");
}

#[test]
fn a_span_of_two_covers_both() {
    let id = SourceId(0);
    let (left, right) = (Span::new(id, 2, 4), Span::new(id, 7, 9));
    assert_eq!(left.to(right), Span::new(id, 2, 9));
    assert_eq!(right.to(left), Span::new(id, 2, 9));
    assert_eq!(left.to(Span::new(SourceId(1), 0, 1)), left);
}
