using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Cli.Output;

/// <summary>
/// How the JSON of <c>--json</c> is written: one document on one line, camelCase names, nulls written, text unescaped where JSON allows.
/// </summary>
internal static class JsonStyle
{
    public static JsonSerializerOptions With(params ReadOnlySpan<JsonConverter> converters)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        };
        foreach (var converter in converters)
            options.Converters.Add(converter);
        return options;
    }
}
