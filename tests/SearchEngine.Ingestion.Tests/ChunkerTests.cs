using CsCheck;

namespace SearchEngine.Ingestion.Tests;

public sealed class ChunkerTests
{
    private static SourceDocument Doc(string text, string title = "T") =>
        new() { Title = title, Sections = [new SourceSection([], null, text)] };

    private static int Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    private static ChunkerOptions Options(int max, int overlap = 0, int min = 0) =>
        new()
        {
            MaxTokens = max,
            OverlapTokens = overlap,
            MinTokens = min,
            CountTokens = Words,
        };

    private static string Sentence(int words, string word = "Word") => string.Join(' ', Enumerable.Repeat(word, words - 1)) + " end.";

    [Fact]
    public void A_short_text_is_one_chunk_with_title_and_headings_in_front_of_what_is_embedded()
    {
        var document = new SourceDocument { Title = "Guide", Sections = [new SourceSection(["Setup", "Linux"], 3, "Run it.")] };
        var chunk = Assert.Single(new Chunker().Cut(document));

        Assert.Equal("Run it.", chunk.Text);
        Assert.Equal("Guide › Setup › Linux\nRun it.", chunk.EmbeddedText);
        Assert.Equal("Setup › Linux", chunk.Heading);
        Assert.Equal(3, chunk.Page);
    }

    [Fact]
    public void Cuts_fall_between_paragraphs_else_sentences()
    {
        var text = Sentence(8) + " " + Sentence(6) + "\n\n" + Sentence(7) + " " + Sentence(9) + "\n\n" + Sentence(4);
        string[] chunks = [.. new Chunker(Options(25)).Cut(Doc(text, "")).Select(c => c.Text)];

        // 14 + 7 words fit into 25, but the paragraph border is the better place.
        Assert.Equal([Sentence(8) + " " + Sentence(6), Sentence(7) + " " + Sentence(9) + "\n\n" + Sentence(4)], chunks);

        string[] sentences =
        [
            .. new Chunker(Options(16)).Cut(Doc(Sentence(7) + " " + Sentence(7) + " " + Sentence(7), "")).Select(c => c.Text),
        ];
        Assert.Equal([Sentence(7) + " " + Sentence(7), Sentence(7)], sentences);
    }

    [Fact]
    public void Abbreviations_and_initials_do_not_end_sentences()
    {
        var text = "Dr. Smith met J. Jones vs. the others at 3.5 meters, e.g. There. It went on etc. and so forth! \"Really?\" Yes.";
        var units = new TextUnits(Words, 100).Cut(text);

        Assert.Equal(
            ["Dr. Smith met J. Jones vs. the others at 3.5 meters, e.g. There. ", "It went on etc. and so forth! ", "\"Really?\" ", "Yes."],
            units.Select(u => text[u.Start..u.End])
        );
    }

    [Fact]
    public void Overlap_repeats_whole_sentences()
    {
        var text = string.Join(' ', Enumerable.Range(0, 12).Select(i => $"S{i} a b c z."));
        string[] chunks = [.. new Chunker(Options(20, overlap: 6)).Cut(Doc(text, "")).Select(c => c.Text)];

        Assert.StartsWith("S0", chunks[0]);
        Assert.EndsWith("S3 a b c z.", chunks[0]);
        Assert.StartsWith("S3 a b c z. S4", chunks[1]);
        Assert.All(chunks, c => Assert.True(Words(c) <= 20));
        Assert.EndsWith("S11 a b c z.", chunks[^1]);
    }

    [Fact]
    public void Short_sections_are_joined_under_their_common_heading()
    {
        var document = new SourceDocument
        {
            Title = "T",
            Sections =
            [
                new SourceSection(["A", "Syntax"], null, "one two"),
                new SourceSection(["A", "Remarks"], null, "three four"),
                new SourceSection(["A", "Remarks", "More"], null, Sentence(40)),
                new SourceSection(["B"], null, ""),
            ],
        };
        TextChunk[] chunks = [.. new Chunker(Options(60, min: 8)).Cut(document)];

        Assert.Equal(["A", "A › Remarks › More"], chunks.Select(c => c.Heading));
        Assert.Equal(["Syntax\n\none two\n\nRemarks\n\nthree four", Sentence(40) + "\n\nB"], chunks.Select(c => c.Text));
    }

    [Fact]
    public void A_heading_without_text_goes_with_what_follows_and_the_last_with_what_precedes()
    {
        var document = new SourceDocument
        {
            Title = "T",
            Sections =
            [
                new SourceSection(["History"], null, ""),
                new SourceSection(["Releases"], null, ""),
                new SourceSection(["Releases", "First"], null, Sentence(50)),
                new SourceSection(["End"], null, ""),
            ],
        };
        var chunk = Assert.Single(new Chunker(Options(60)).Cut(document));

        Assert.Equal("Releases › First", chunk.Heading);
        Assert.Equal("History\n\n" + Sentence(50) + "\n\nEnd", chunk.Text);
        Assert.Equal(
            "Only\nheadings",
            Assert.Single(new Chunker().Cut(document with { Sections = [new(["Only"], null, ""), new(["headings"], null, "")] })).Text
        );
    }

    [Fact]
    public void A_table_is_cut_between_rows_and_repeats_its_header()
    {
        var text = new TextAssembly();
        text.Paragraph("Before it.");
        text.Table(
            [
                ["name", "size"],
                .. Enumerable.Range(0, 30).Select(i => new[] { "row" + i, "" + i }),
            ],
            headerRows: 1
        );
        var chunks = new Chunker(Options(30, overlap: 8))
            .Cut(new SourceDocument { Title = "", Sections = [text.ToSection([], null)] })
            .ToList();

        Assert.True(chunks.Count > 3);
        Assert.StartsWith("Before it.\n\nname | size\nrow0 | 0\n", chunks[0].Text);
        Assert.All(chunks.Skip(1), c => Assert.StartsWith("name | size\nrow", c.Text));
        Assert.All(chunks, c => Assert.True(Words(c.Text) <= 30));
        Assert.Equal(
            Enumerable.Range(0, 30).Select(i => $"row{i} | {i}"),
            chunks.SelectMany(c => c.Text.Split('\n')).Where(l => l.StartsWith("row", StringComparison.Ordinal))
        );
    }

    [Fact]
    public void Code_that_fits_into_a_chunk_is_not_cut()
    {
        var code = string.Join("\n", Enumerable.Range(0, 10).Select(i => $"    call {i} ;"));
        var text = new TextAssembly();
        text.Paragraph(Sentence(25));
        text.Code(code);
        text.Paragraph("After it.");
        string[] chunks =
        [
            .. new Chunker(Options(40)).Cut(new SourceDocument { Title = "", Sections = [text.ToSection([], null)] }).Select(c => c.Text),
        ];

        Assert.Equal([Sentence(25), code + "\n\nAfter it."], chunks);
    }

    [Fact]
    public void Chinese_and_Japanese_are_cut_after_sentences()
    {
        var text = string.Concat(Enumerable.Range(0, 20).Select(i => $"これは第{i}の文です。「引用です。」次の文、です！"));
        string[] chunks = [.. new Chunker(new ChunkerOptions { MaxTokens = 60, OverlapTokens = 0 }).Cut(Doc(text, "")).Select(c => c.Text)];

        Assert.Equal(text, string.Concat(chunks));
        Assert.All(chunks, c => Assert.True(c[^1] is '。' or '！' or '」', c));
    }

    [Fact]
    public void Chunks_know_the_line_they_start_on()
    {
        var section = new SourceSection([], null, string.Join('\n', Enumerable.Range(0, 40).Select(i => $"line {i} end.")))
        {
            Lines = [new LineAnchor(0, 7)],
        };
        TextChunk[] chunks = [.. new Chunker(Options(30)).Cut(new SourceDocument { Title = "", Sections = [section] })];

        Assert.All(
            chunks,
            c => Assert.Equal(7 + int.Parse(c.Text.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), c.Line)
        );
    }

    [Fact]
    public void Sections_of_different_pages_stay_apart()
    {
        var document = new SourceDocument { Title = "T", Sections = [new SourceSection([], 1, "one"), new SourceSection([], 2, "two")] };

        Assert.Equal([1, 2], new Chunker(Options(60, min: 8)).Cut(document).Select(c => c.Page));
    }

    [Fact]
    public void Long_titles_are_shortened_where_embedded()
    {
        var title = string.Join(' ', Enumerable.Range(0, 1000).Select(i => "t" + i));
        var chunk = Assert.Single(new Chunker(Options(40)).Cut(Doc("the text", title)));

        Assert.Equal(40 / 4 + 2, Words(chunk.EmbeddedText));
        Assert.EndsWith("t999\nthe text", chunk.EmbeddedText);
    }

    [Fact]
    public void A_word_is_cut_only_if_it_alone_exceeds_the_budget()
    {
        int Characters(string text) => text.Length;
        var options = new ChunkerOptions
        {
            MaxTokens = 20,
            OverlapTokens = 0,
            MinTokens = 0,
            CountTokens = Characters,
        };
        var word = string.Concat(Enumerable.Repeat("\U0001F600", 35));
        string[] chunks = [.. new Chunker(options).Cut(Doc($"small words and {word} then more", "")).Select(c => c.Text)];

        Assert.All(chunks, c => Assert.True(c.Length <= 20));
        Assert.All(chunks, c => Assert.False(char.IsLowSurrogate(c[0]) || char.IsHighSurrogate(c[^1])));
        Assert.Equal($"smallwordsand{word}thenmore", string.Concat(chunks).Replace(" ", ""));

        string whole = new('x', 30_000);
        Assert.Equal([whole], new Chunker(Options(16)).Cut(Doc(whole, "")).Select(c => c.Text));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Contains("MaxTokens", Assert.Throws<ArgumentException>(() => new Chunker(new ChunkerOptions { MaxTokens = 5 })).Message);
        Assert.Contains(
            "OverlapTokens",
            Assert.Throws<ArgumentException>(() => new Chunker(new ChunkerOptions { OverlapTokens = 128 })).Message
        );
        Assert.Contains("MinTokens", Assert.Throws<ArgumentException>(() => new Chunker(new ChunkerOptions { MinTokens = -1 })).Message);
    }

    private static readonly Gen<string> Piece = Gen.OneOf(
        Gen.OneOf(
            "word",
            "Another",
            "e.g.",
            "end.",
            "Why?",
            "\n",
            "\n\n",
            " \n \n ",
            "\t",
            "  ",
            "\U0001F600\U0001F601",
            "3.14",
            "(see",
            "below).",
            "\u3002",
            "x-y"
        ),
        Gen.Char['a', 'z'].Array[1, 60].Select(c => new string(c)),
        Gen.String[0, 8]
    );

    private static readonly Gen<string> Text = Gen.Select(
        Piece.Array[0, 120],
        Gen.Bool,
        (pieces, spaced) => string.Join(spaced ? " " : "", pieces)
    );

    private static readonly Gen<(ChunkerOptions, Func<string, int>)> AnyOptions = Gen.Select(
        Gen.Int[16, 80],
        Gen.Int[0, 30],
        Gen.Int[0, 16],
        Gen.Int[0, 2],
        (max, overlap, min, counter) =>
        {
            Func<string, int> count = counter switch
            {
                0 => Words,
                1 => TokenEstimate.Count,
                _ => t => t.Count(c => !char.IsWhiteSpace(c)),
            };
            return (
                new ChunkerOptions
                {
                    MaxTokens = max,
                    OverlapTokens = Math.Min(overlap, (max - 1) / 2),
                    MinTokens = min,
                    CountTokens = count,
                },
                count
            );
        }
    );

    [Fact]
    public void Every_character_is_in_some_chunk_and_no_chunk_exceeds_the_budget()
    {
        Gen.Select(Text.Array[1, 4], AnyOptions)
            .Sample(
                (texts, options) =>
                {
                    (var chunking, var count) = options;
                    var document = new SourceDocument
                    {
                        Title = "Some title",
                        Sections = [.. texts.Select((t, i) => new SourceSection([], i, t))],
                    };
                    TextChunk[] chunks = [.. new Chunker(chunking).Cut(document)];
                    foreach (var text in texts)
                    {
                        var covered = 0;
                        foreach (
                            (var start, var end, var _) in new Chunker(chunking).Spans(
                                new SourceSection([], null, text),
                                chunking.MaxTokens
                            )
                        )
                        {
                            Assert.True(start <= covered && end > covered, $"{start}..{end} after {covered}");
                            covered = end;
                        }
                        Assert.Equal(text.Length, covered);
                    }
                    foreach (var chunk in chunks)
                    {
                        // A single character can count as no more than one token with these counters, so every budget can be kept.
                        Assert.True(
                            count(chunk.EmbeddedText) <= chunking.MaxTokens,
                            $"{count(chunk.EmbeddedText)} tokens: {chunk.EmbeddedText}"
                        );
                    }
                },
                iter: 3000,
                seed: "0000KLR7q9Fb"
            );
    }

    [Fact]
    public void A_text_of_millions_of_characters_without_line_ends_is_cut()
    {
        var text = string.Join(' ', Enumerable.Repeat("abcdefg", 400_000));
        long characters = 0;
        foreach (var chunk in new Chunker().Cut(Doc(text, "")))
        {
            characters += chunk.Text.Count(c => c != ' ');
            Assert.True(TokenEstimate.Count(chunk.Text) <= ChunkerOptions.DefaultMaxTokens);
        }
        Assert.True(characters >= 400_000 * 7);
    }
}
