//! Puts a view on the screen.

use super::boxes;
use super::course;
use super::list;
use super::panel;
use super::style;
use super::view::{Moment, Overlay, Page, View};
use crate::approver::card::NARROWEST;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};

/// A screen of fewer rows shows too little of a card.
const LOWEST: u16 = 12;
/// From this many columns on the list stands beside the card.
const WIDE: u16 = 110;
/// Fewer columns have no room for the whole name of the program.
const NAMED: u16 = 58;
/// The list beside a card is this wide at most.
const WIDEST_LIST: u16 = 60;

/// Where everything is.
struct Places {
    head: Rect,
    list: Rect,
    card: Rect,
    foot: Rect,
}

impl View {
    /// Draws everything, and notes what of it a person could see.
    pub fn draw(&mut self, frame: &mut Frame<'_>, now: Moment) {
        self.look_at_rate(now.steady);
        let area = frame.area();
        let narrowest = u16::try_from(NARROWEST).unwrap_or(u16::MAX);
        if area.width < narrowest || area.height < LOWEST {
            let words = format!("too small:\n{NARROWEST} columns and\n{LOWEST} rows are needed");
            frame.render_widget(Text::raw(words), area);
            self.arming.drawn(None, false, now.steady);
            return;
        }
        let foot_rows = panel::foot_rows(self, area.width);
        let places = places(area, self, foot_rows);
        self.draw_head(frame, places.head);
        match self.page {
            Page::Waiting => {
                list::draw(self, frame, places.list, now);
                panel::draw_card(self, frame, places.card, now);
            }
            Page::Decided => {
                list::draw_decided(self, frame, places.card.union(places.list), now);
                self.arming.drawn(None, false, now.steady);
            }
            Page::Course => {
                course::draw(self, frame, places.card.union(places.list), now);
                self.arming.drawn(None, false, now.steady);
            }
        }
        panel::draw_foot(self, frame, places.foot, now);
        if self.overlay != Overlay::None {
            boxes::draw(self, frame, places.card, area);
        }
    }

    fn draw_head(&self, frame: &mut Frame<'_>, area: Rect) {
        let count = match self.queue.len() {
            0 if self.trouble.is_some() => "no gateway".to_owned(),
            0 => "nothing waits".to_owned(),
            1 => "1 waits".to_owned(),
            count => format!("{count} wait"),
        };
        let (waiting, decided) = match self.page {
            Page::Waiting => ("[waiting]", " decided "),
            Page::Decided | Page::Course => (" waiting ", "[decided]"),
        };
        let name = if area.width < NAMED { "approver" } else { "airlock-exec approver" };
        let mut spans = vec![
            Span::styled(name, style::strong()),
            Span::raw(format!("  {count}  ")),
            Span::styled(format!("{waiting} {decided}"), style::dim()),
        ];
        if self.rate > 1 {
            spans.push(Span::styled(format!(" {}/minute", self.rate), style::dim()));
        }
        frame.render_widget(Line::from(spans), area);
    }
}

fn places(area: Rect, view: &View, foot_rows: u16) -> Places {
    let head = Rect { height: 1, ..area };
    let foot = Rect { y: area.bottom() - foot_rows, height: foot_rows, ..area };
    let middle = Rect { y: area.y + 1, height: area.height - 1 - foot_rows, ..area };
    let wanted = list::rows_wanted(view, list::lines_each(area));
    let (list, card) = if area.width >= WIDE {
        let width = (area.width / 3).min(WIDEST_LIST);
        let card = Rect { x: middle.x + width + 1, width: middle.width - width - 1, ..middle };
        (Rect { width, ..middle }, card)
    } else {
        // The card is what is decided about: it gets the room.
        let height = wanted.clamp(1, (middle.height / 4).max(2));
        let card = Rect { y: middle.y + height, height: middle.height - height, ..middle };
        (Rect { height, ..middle }, card)
    };
    Places { head, list, card, foot }
}
