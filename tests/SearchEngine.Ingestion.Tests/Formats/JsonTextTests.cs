using SearchEngine.Ingestion.Tests.Reading;

namespace SearchEngine.Ingestion.Tests.Formats;

/// <summary>Words of JSON wherever they stand, in values and in names.</summary>
public sealed class JsonTextTests : IDisposable
{
    private const string Long = "a definition that goes on for longer than any name of a thing would, as they do";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Extracted Of(string name, string text) => Extracted.Of(_folder.Write(name, text));

    [Theory]
    [InlineData("""{"text":"first","content":"second"}""", "first second")]
    [InlineData("""{"parts":["first",{"text":"second"}]}""", "first second")]
    [InlineData("""{"meta":{"deep":[{"deeper":{"body":"nestedtext"}}]}}""", "nestedtext")]
    [InlineData("""{"Text":"capital","BODY":"shout"}""", "capital shout")]
    [InlineData("""{"text":"first","text":"second"}""", "first second")]
    [InlineData("""["first",["second",{"any":"third"}]]""", "first second third")]
    [InlineData("\"a string alone\"", "a string alone")]
    [InlineData("""{"title":["one","two"],"text":"t"}""", "one two")]
    [InlineData("""{"id":1,"key":"another","text":"t"}""", "another")]
    [InlineData(
        "{\"glossary\":{\"llama\":\"" + Long + "\",\"alpaca\":{\"see\":[{\"kind\":\"camelid\"}]}}}",
        "llama alpaca camelid definition"
    )]
    public void Every_string_of_a_record_is_text(string record, string words) => Of("a.jsonl", record + "\n").Has(words.Split(' '), record);

    [Fact]
    public void Names_that_say_what_form_a_record_has_are_not_repeated()
    {
        var chat = Of("a.jsonl", $$"""{"messages":[{"role":"user","content":[{"type":"text","text":"{{Long}}"}]}]}""" + "\n");

        Assert.DoesNotContain("content", chat.Words);
        Assert.DoesNotContain("messages", chat.Words);
    }

    [Fact]
    public void A_whole_file_is_text_with_its_names_numbers_and_comments()
    {
        var file = Of(
            "a.json",
            "// how the service runs\n{\"openapi\":\"3.1\",/* ours */\"paths\":{\"/pets\":{\"get\":{\"summary\":\""
                + Long
                + "\"}}},\"limits\":{\"burst\":7,\"none\":null},\"home\":\"https://x.org/\",\"empty\":{}}"
        );

        file.Has([
            "how",
            "service",
            "ours",
            "openapi",
            "paths",
            "pets",
            "get",
            "summary",
            "definition",
            "burst",
            "7",
            "none",
            "home",
            "empty",
        ]);
    }

    [Fact]
    public void What_is_called_JSON_and_is_something_like_it_is_read()
    {
        var lines = Of("a.json", "{\"text\":\"first\"}\n{\"text\":\"second\"}\n{oops\n");
        Assert.Equal(2, lines.Documents.Count);
        Assert.Single(lines.Warnings);
        lines.Has(["first", "second"]);

        Of("b.json5", "{unquoted: 'single', /* said */ more: [1,],}").Has(["unquoted", "single", "said", "more"]);
        Assert.Throws<SourceFormatException>(() => Of("c.json", "{\"a\": \n{oops"));
    }
}
