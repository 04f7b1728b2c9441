namespace SearchEngine.Ingestion.Tests;

public sealed class JsonLinesReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_line_is_a_document()
    {
        var documents = TempFolder.Read(
            new JsonLinesReader(),
            _folder.Write(
                "a.jsonl",
                """
                {"_id": "d1", "title": "One", "text": "first\r\ntext", "metadata": {"x": 1}}

                {"id": 7, "content": "second"}
                {"title": "Only a title", "text": ""}
                {"body": ["p1", "p2", 3]}
                """
            )
        );

        Assert.Equal(["d1", "7", "4", "5"], documents.Select(d => d.Id));
        Assert.Equal(["One", "7", "Only a title", "5"], documents.Select(d => d.Title));
        Assert.Equal(["first\ntext", "second", "Only a title", "p1\n\np2"], documents.Select(d => d.Sections[0].Text));
    }

    [Fact]
    public void Bad_lines_are_reported_by_number_and_the_rest_is_kept()
    {
        var warnings = new List<(string Message, int? Line)>();
        var documents = TempFolder.Read(
            new JsonLinesReader(),
            _folder.Write(
                "a.jsonl",
                "{\"text\": \"one\"}\n{\"text\": \"cut of\n[1]\n{\"text\": \"\\ud800\"}\n{\"other\": 1}\n{\"text\": \"two\"}\n"
            ),
            warnings
        );

        Assert.Equal(["one", "two"], documents.Select(d => d.Sections[0].Text));
        Assert.Equal([2, 3, 4, 5], warnings.Select(w => w.Line));
        Assert.Contains("none of the fields text", warnings[3].Message);
    }

    [Fact]
    public void A_file_without_any_good_line_fails()
    {
        Assert.Contains(
            "None of its 2 lines",
            Assert.Throws<SourceFormatException>(() => TempFolder.Read(new JsonLinesReader(), _folder.Write("a.jsonl", "a\nb\n"))).Message
        );
        Assert.Contains(
            "first 100",
            Assert
                .Throws<SourceFormatException>(() =>
                    TempFolder.Read(new JsonLinesReader(), _folder.Write("b.jsonl", string.Concat(Enumerable.Repeat("x\n", 5000))))
                )
                .Message
        );
        Assert.Empty(TempFolder.Read(new JsonLinesReader(), _folder.Write("c.jsonl", "")));
    }

    [Fact]
    public void Fields_can_be_chosen()
    {
        var reader = new JsonLinesReader(
            new JsonLinesOptions
            {
                IdFields = ["nr"],
                TitleFields = ["kop"],
                TextFields = ["tekst"],
            }
        );
        var document = TempFolder.Read(
            reader,
            _folder.Write("a.jsonl", "{\"nr\": 3.50, \"kop\": \"K\", \"tekst\": \"T\", \"text\": \"no\"}")
        )[0];

        Assert.Equal(("3.50", "K", "T"), (document.Id, document.Title, document.Sections[0].Text));
        Assert.NotEqual(new JsonLinesReader().Name, reader.Name);
    }
}
