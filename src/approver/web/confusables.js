// Characters that look like ASCII (UTS 39 4): made by `cargo test display::page`.
// Each range is its distance from the last and its length, in base 36.

function ranges(written) {
  let at = 0x80;
  return written.split(' ').map((range) => {
    const [distance, length] = range.split('.').map((number) => Number.parseInt(number, 36));
    const start = at + distance;
    at = start + (length || 1);
    return [start, at];
  });
}

/** Tells whether a character is in one of the ranges. */
export function has(table, character) {
  const code = character.codePointAt(0);
  let [low, high] = [0, table.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (table[middle][1] <= code) low = middle + 1;
    else high = middle;
  }
  return low < table.length && table[low][0] <= code;
}

/** Those that look like any ASCII. */
export const SEEMS = ranges(
  'w.2 b 6 3 3.3 7 g e n 1e.3 l 8.2 17 1 2 2 2 2 4.2 2 1 b 1.2 4 6 3 4.2 1.3 1 3.6 10.3 14 '
  + '5.2 j 9 a 4 f 1 5.2 4 k 6 3 4 e 2 3.2 d.6 3.3 1 1 1.2 4 6 4.2 g 5 1 1 2e 10 9.2 4 c.2 2.3 '
  + '1.2 1.2 1 1 2.2 1 9 1 5 3 1 1 1 1 c 9 b 3.2 3.3 4.3 a.2 1 7 1 2 1 2 1.3 1.4 1 5.2 1 1.2 1 '
  + '1 8 1.2 1 1 2 c.2 1 8 i.2 2.2 n s.2 a.2 1 2 e 4.2 a w a d.4 13 7 1 5 4.2 1 2.2 1 2 9 4 2 '
  + '3.2 3.2 1.3 2 1i 2 h 2.2 5 1 e.5 o e a o 6 o.2 3 1 3 1 28 2 i.2 q.2 3 1 9.4 57 9.3 6 1 a '
  + 'j.2 4 1i e 5e 2o.3 2 j 2w 3 2 3c.2 2 o 2q 2 p s 1x 1 3h r 2r r 2r r s.2 1x 6 k 5p 3j 8j o '
  + 'y 9.2 e 2m 3 9 5 p l 1 b 1n n.2 2j 1d h 5r 40 1d c.3 2 3.4 1 4 3 3 1 2 1.2 a.2 2 1.2 3.2 '
  + '3.2 2 3.2 6 4.2 b 14 5 3 4 h 1 q 5 1 2 j.3 4 s k 3k.2 19 c.2 9 13 4 g o b 5 6 u 2e.2 h 1d '
  + '4 9 a 3 4.2 l.2 k 13 a n l 28.2 16 y 5 1.5 5g a8 1m f 9l 1 6 3y.3 g x 5 1 j x e a 1 a 3.3 '
  + '3 1w n 8 19 67 2 2k 4 59.4 1a d.2 1.k 2 1.6 1 4.3 1.8 2.6 1.2 1 4 1.2 2.3 4 4 3 2 4.h 1k '
  + 'd 21.3 2.2 3.5 1.4 1.2 2.5 3 2 3 1 1.6 1.2 4 1 1 7.5 9.19 1r 2a 2.3 6 4 1 2 1 b.2 4 n.2 '
  + 'k.2 1k s 1 k.2 11 37.2 5 3m 24 15.1u 24.2 31.3 dw.2 4.2 2.4 v.2 1g 1 b 12 8a.2 51 i 2.2 '
  + '12 e 1w.3 1a 2d 1 a5.2 l 2 6.3 3.3 3 1 1 1.2 2.5 1.2 2 d.2 1 6 1.2 2.3 1.3 1.2 8 s 5 19 '
  + 'a.2 g 4 1 2.2 7 8 4r l.2 2 j x.2 4e.2 70 2 3 c.2 6 m 30 19 1v 7 18 s r 29.3 1e 20 3f.4 '
  + '4h.7 2 5.2 1.9 2.7 1.5 1.3 8 1.6 1.2 1.3 1.5 1.3 2.u v 551 11 a 8 h3k.5 1.2 1.2 1.2 1.5 '
  + '2.2 2.3 1 1 1.3 3.4 1.3 b a 18 j n 6 i 1t 1s 1 1h 2 28.2 1b l b 3 1k 8.d g.2 a f 3.2 7.2 '
  + '8 7.4 b.2 5 b 2 3.3 1x 3 1d 4d.2 b1 v 50 2 7 5 3.2 5 3 7 8.2 g b 1 f a 5 4.2 4 e 19 fmb.7 '
  + '4f.8 b4.2 5c.g 3.4 p.2 d d.4 1 1.j 1.2 1 x.2 2i.4 i 1.4 1.7 1.29 16 m m 1c 7.9 93.2 p y c '
  + '4.2 6o 3.2 2 5 1 2.3 3 4.3 2 5 4.3 1 q 11 b.2 6 5 1 3 1 2 1 2.2 1 a 5y g 5 4 b g a 2z d b '
  + '3 n b g 6 4 2 1 2 1 7.3 se 5 83 4k 7x 3 7.3 s 1v y s 1j 1 a l6 1w.2 a 1 18 1p.2 2q s.2 1r '
  + '1u.2 37 5j 5t.2 33 5.2 3n 6l 6 3f.2 2x 2b 5 3 3.2 88 2v 1.3 1 2 2 1.2 2 2 2 2.2 3.5 1 1 1 '
  + '1 8.4 3 3 2 1.2 2 2 2 2 cp 1 aq.2 ba.2 5.2 7vj 6uf 9j 1o q 58 i 2 hi 7y 7 v b 29 1 b h c '
  + '4.2 3.2 1.2 d.3 f9o.4 376.10 ea eb 7 b v 1k 5.8 3n 7.2 4.2 1 2.2 2 j b.2 2.2 12 7k 3 '
  + '3s.2d 1.1z 1.2 2 2.2 2.4 1.c 1 1.7 1.1t 1.4 2.8 1.7 1.s 1.4 1.5 1 3.7 1.9g 2.2 2.3 1.2 '
  + '1.2 1 1 2.2 1 3 1 5 3 1 1 1 1 9 1.2 2.3 1.2 1.2 1 1 2.2 1 3 1 5 3 1 1 1 1 9 1.2 2.3 1.2 '
  + '1.2 1 1 2.2 1 3 1 5 3 1 1 1 1 9 1.2 2.3 1.2 1.2 1 1 2.2 1 3 1 5 3 1 1 1 1 9 1.2 2.3 1.2 '
  + '1.2 1 1 2.2 1 3 1 5 3 1 1 1 1 9 1 3.1e 1ga 2.3 4.2 4 i 3 ce.2 3 bu 1 s6 d9 3 3j o2 2a 72 '
  + 'z 1r r 3 hn.b 5.r 2t yp 1.2 3u 6 1w f b 2.2 w3.a gvly.35s');

/** Those that look like letters, digits or signs that mean something to a shell. */
export const MEANS = ranges(
  'x b e.3 7 g e n 1e.3 u.2 17 4 8 4 3 f.2 f 4.2 1.3 1 3.6 10.3 14 5.2 j 9 a 4 f 1 5.2 4 k 6 '
  + '3 4 e 2 3.2 m.2 j 4 36 1a.2 h.2 2.3 1.2 1.2 1 1 2.2 1 9 1 5 3 1 1 1 1 c 9 b 3.2 3.3 4.3 '
  + 'a.2 1 7 1 2 1 2 1.3 1.4 1 5.2 1 1.2 1 1 8 1.2 1 1 2 c.2 1 8 i.2 2.2 1g.2 a.2 1 2 e 4.2 a '
  + 'w a d.4 13 7 1 5 a.2 1 2 9 4 2 3.2 3.2 1.3 1l k 2 6 1 e 17 a v o.2 3 1 5 28 2 i.2 q.2 3 1 '
  + '9.2 59 9.3 6 1 a 2n 83.3 2 j 2w 3 2 3c.2 2 3f 2 p s 1x 1 3h r 2r r 2r r s.2 1x 6 k 5p 3j '
  + '8j o y 9.2 e 2m 3 9 5 p l 1 b 1n n.2 2j 1d h 5r 5r.3 2 3.4 1 4 3 3 1 2 1.2 a.2 2 1.2 3.2 '
  + '3.2 2 3.2 6 4.2 b 1a 3 4 j w 1 2 q s k 3l 19 c.2 9 13 4 g o b 5 6 u 2e.2 1v 4 9 e 4.2 17 '
  + '13 a n l 28.2 16 16.5 fp 1m f 9l 1 6 3y.3 g x 5 1 1h e a 1 a 3.3 3 1w n 8 7k 2k 4 5a 1 '
  + '22.9 2 d.3 3.5 a.2 1 4 1.2 2.3 4 4 c.g 1k d 21.3 2.2 3.5 1.4 1.2 2.5 3 2 3 1 1.6 1.2 4 1 '
  + '1 7.5 9.19 1r 2a 2 1 6 4 1 2 1 h 19.2 1k s 1 k.2 11 37.2 5 3m 3u.k 2u.2 31 1 e2.2 12 1g d '
  + '9d.2 51 l 13 e 1x.2 1a 2d 1 a5.2 l 2 6.3 3.3 3 1 1 1.2 2.5 1.2 2 d.2 1 6 1.2 2.3 1.3 1.2 '
  + '8 28 a.2 g 4 1 2.2 7 8 61 5e 77 k m 30 19 1v 7 18 s r 29.2 3g 3f.4 4h.7 2 5.2 1.9 2.7 1.5 '
  + '1.3 8 1.6 1.2 1.3 1.5 1.3 2.u v 551 11 j h3k.5 1.2 1.2 1.2 1.5 2.2 2.3 1 1 1.3 3 1 3.2 b '
  + 'a 18 j n 6 i 1t 1s 1 1h 2 28.2 1b l b 3 1k 8.d g.2 a f 3.2 7.2 8 8 d.2 5 b 2 3.3 1x 3 1d '
  + '4d.2 b1 v 50 2 7 5 3.2 5 3 7 8.2 g b 1 f a 5 4.2 4 e 19 fmb.7 4f.8 gi.g 4.3 q w 1 1.3 7.2 '
  + '1.4 2 z.2 2i.4 i 1 2 1 3 3.c 1.5 1.q 6.q 1 1 16 m m 1c 7.9 at c 4.2 6o 3.2 2 5 1 2.3 8.3 '
  + '2 5 4.3 1 q 11 b.2 6 5 1 3 1 2 1 2.2 1 a 5y g 5 4 b g a 2z d b 3 n b g 6 4 2 1 2 1 7.3 se '
  + '5 83 ci 3 7.3 s 1v y s 1j 1 a n3.2 a 30.2 2q s.2 3m.2 8r 5t.2 33 5.2 3n 6s 3f.2 59 5 3 '
  + '3.2 b4 1.3 1 2 2 1.2 2 2 2 2.2 3.5 1 1 1 1 8.4 3 3 2 1.2 2 2 2 2 cp 1 aq.2 bb 5.2 ezj 1o '
  + 'q 58 i 2 hi 7y 7 v b 29 1 b h c 4.2 3.2 1.2 fa4.4 376.10 ea eb 1f 1k 5.8 3n 7.2 4.2 4.2 2 '
  + 'j b.2 2 13 7k 3 3s.2d 1.1z 1.2 2 2.2 2.4 1.c 1 1.7 1.1t 1.4 2.8 1.7 1.s 1.4 1.5 1 3.7 '
  + '1.9g 2.2 2.3 1.2 1.2 1 1 2.2 1 3 1 5 3 1 1 1 1 9 1.2 2.3 1.2 1.2 1 1 2.2 1 3 1 5 3 1 1 1 '
  + '1 9 1.2 2.3 1.2 1.2 1 1 2.2 1 3 1 5 3 1 1 1 1 9 1.2 2.3 1.2 1.2 1 1 2.2 1 3 1 5 3 1 1 1 1 '
  + '9 1.2 2.3 1.2 1.2 1 1 2.2 1 3 1 5 3 1 1 1 1 9 1 3.1e 1ga 2.3 4.2 4 i 3 ce.2 3 bu 1 15g 3 '
  + 'rm 2a 72 z 1r r 3 hn 3z yp 1.2 3u 6 1w f b 2.2 w3.a gvly.35s');
