using System.Text;
using System.Text.Json;
using SearchEngine.Cli.Commands.Search;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli.Tests;

/// <summary>The JSON of searches, whose shape the compiler finds, beside that which is found at run time.</summary>
public sealed class SearchJsonTests
{
    [Fact]
    public void A_value_of_every_type_is_written_as_by_reflection()
    {
        object[] values =
        [
            "text \u00e9 \"<",
            true,
            (byte)1,
            (short)-2,
            3,
            4L,
            0.5f,
            0.25,
            1.10m,
            new DateTime(2026, 11, 28, 1, 2, 3, DateTimeKind.Utc),
            new DateTimeOffset(2026, 11, 28, 1, 2, 3, TimeSpan.FromHours(2)),
            new DateOnly(2026, 11, 28),
            new TimeOnly(1, 2, 3),
            Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"),
            new byte[] { 1, 2, 3 },
        ];
        Assert.Equal(Enum.GetValues<DataFieldType>().Length, values.Length);
        var hits = values.Select(
            (value, i) => new SearchReport.Hit(i, 1.5, value, null, null, null, 1, "t", null, null, null, null, 0, ["copy"], value)
        );
        var report = new SearchReport(
            "q",
            "c",
            SearchMode.Keyword,
            3,
            0.1,
            [.. hits],
            null,
            1,
            [new Facet("f", [.. values.Select(value => new FacetValue(value, 1, value))], 1, 0)],
            null,
            new SearchVerdict(VerdictKind.GroupFull, "reason")
        );
        Assert.Equal(Written(console => console.WriteJson(report)), Written(console => SearchJson.Write(console, report)));
        Assert.Contains("\"groupFull\"", Written(console => SearchJson.Write(console, report)), StringComparison.Ordinal);
    }

    private static string Written(Action<CliConsole> write)
    {
        var output = new StringWriter(new StringBuilder());
        using (var console = CliConsole.Of(Stream.Null, output, TextWriter.Null))
            write(console);
        return output.ToString();
    }
}
