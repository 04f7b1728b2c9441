using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Ingest;

/// <summary>Reads <c>--field NAME:TYPE</c>.</summary>
internal static class FieldArgument
{
    private static readonly Dictionary<string, DataFieldType> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["string"] = DataFieldType.String,
        ["int"] = DataFieldType.Int32,
        ["long"] = DataFieldType.Int64,
        ["double"] = DataFieldType.Double,
        ["bool"] = DataFieldType.Boolean,
        ["date"] = DataFieldType.DateTime,
    };

    public static DataField Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !Types.TryGetValue(text[(colon + 1)..], out var type))
            throw new HostException($"--field takes NAME:TYPE with one of the types {string.Join(", ", Types.Keys)}, not '{text}'.");
        return new DataField(text[..colon], type) { IsFilterable = true };
    }
}
