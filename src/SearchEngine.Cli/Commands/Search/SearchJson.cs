using System.Text.Json;
using System.Text.Json.Serialization;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli.Commands.Search;

/// <summary>
/// The JSON of what searches: its shape is found when this is compiled, so that a native program has it. The types of a field's value stand
/// for keys, groups and facets, which may be of any.
/// </summary>
[JsonSerializable(typeof(SearchReport))]
[JsonSerializable(typeof(SuggestReport))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(byte))]
[JsonSerializable(typeof(short))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(float))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(decimal))]
[JsonSerializable(typeof(DateTime))]
[JsonSerializable(typeof(DateTimeOffset))]
[JsonSerializable(typeof(DateOnly))]
[JsonSerializable(typeof(TimeOnly))]
[JsonSerializable(typeof(Guid))]
[JsonSerializable(typeof(byte[]))]
internal sealed partial class SearchJson : JsonSerializerContext
{
    private static readonly SearchJson Instance = new(
        JsonStyle.With(
            new JsonStringEnumConverter<SearchMode>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<VerdictKind>(JsonNamingPolicy.CamelCase)
        )
    );

    public static void Write(CliConsole console, SearchReport report) =>
        console.Out.WriteLine(JsonSerializer.Serialize(report, Instance.SearchReport));

    public static void Write(CliConsole console, SuggestReport report) =>
        console.Out.WriteLine(JsonSerializer.Serialize(report, Instance.SuggestReport));
}
