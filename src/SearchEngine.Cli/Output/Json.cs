using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Cli.Output;

/// <summary>The JSON of <c>--json</c>, of documents whose shape is found at run time.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Options = JsonStyle.With(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));

    public static void WriteJson<T>(this CliConsole console, T document) =>
        console.Out.WriteLine(JsonSerializer.Serialize(document, Options));
}
