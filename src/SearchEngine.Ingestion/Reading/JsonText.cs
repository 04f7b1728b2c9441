using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion;

/// <summary>
/// Makes a document of a JSON value: id and title by the names of their fields, and as text every string there is, wherever it stands.
/// Only values that are no text stay out: addresses of the web, ids, dates, numbers where there is text, binary data. Names of fields are
/// text where they may be words of the document ("llama": "a long definition…") rather than of its form ("content": "…").
/// </summary>
internal sealed partial class JsonText(JsonLinesOptions options)
{
    /// <summary>A word among many that needs its field's name to say anything.</summary>
    private const int ShortValue = 40;

    private const int MaxProperties = 100;

    /// <summary>Names that say what form a record has, beside those of ids, titles and texts.</summary>
    private static readonly HashSet<string> Forms = new(StringComparer.OrdinalIgnoreCase)
    {
        "value",
        "values",
        "type",
        "role",
        "data",
        "item",
        "items",
        "part",
        "parts",
        "message",
        "messages",
        "children",
        "metadata",
    };

    /// <summary>The fields that are text first of all.</summary>
    internal IReadOnlyList<string> TextFields => options.TextFields;

    /// <summary>The document; null where the value holds no text.</summary>
    /// <param name="json">The value.</param>
    /// <param name="fallbackId">The id where it brings none.</param>
    /// <param name="withNumbers">Whether numbers and booleans are text as well.</param>
    internal SourceDocument? Read(JsonElement json, string? fallbackId, bool withNumbers = false)
    {
        var id = Scalar(json, options.IdFields) ?? fallbackId;
        var title = Scalar(json, options.TitleFields);
        var blocks = new List<string>();
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (json.ValueKind == JsonValueKind.Object)
        {
            // The text first, whatever the order of the fields.
            foreach (var name in options.TextFields)
            {
                foreach (var property in json.EnumerateObject().Where(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                {
                    taken.Add(property.Name);
                    Collect(property.Value, null, blocks, withNumbers, isNested: false);
                }
            }

            foreach (
                var property in json.EnumerateObject()
                    .Where(p => options.AllFields && !taken.Contains(p.Name) && !IsIdOrTitle(p, id, title))
            )
            {
                Collect(property.Value, property.Name, blocks, withNumbers, isNested: false);
            }
        }
        else
        {
            Collect(json, null, blocks, withNumbers, isNested: false);
        }

        if (blocks.Count == 0 && title is null)
        {
            return null;
        }

        return new SourceDocument
        {
            Id = id,
            Title = TitleRules.Clean(title) ?? id ?? "",
            Sections = [new SourceSection([], null, blocks.Count == 0 ? title! : string.Join("\n\n", blocks))],
            Properties = PropertiesOf(json),
        };
    }

    private bool IsIdOrTitle(JsonProperty property, string? id, string? title) =>
        (options.IdFields.Contains(property.Name, StringComparer.OrdinalIgnoreCase) && property.Value.ToString() == id)
        || (options.TitleFields.Contains(property.Name, StringComparer.OrdinalIgnoreCase) && property.Value.ToString() == title);

    private static string? Scalar(JsonElement json, IReadOnlyList<string> names)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var name in names)
        {
            foreach (var property in json.EnumerateObject())
            {
                if (
                    property.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
                    && property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number
                    && property.Value.ToString() is { Length: > 0 } value
                )
                {
                    return value;
                }
            }
        }

        return null;
    }

    /// <summary>The strings at and below a value; <see cref="JsonDocument"/> bounds the depth.</summary>
    /// <param name="value">The value.</param>
    /// <param name="name">The name it has; null where that says nothing.</param>
    /// <param name="blocks">Takes the texts.</param>
    /// <param name="isWhole">Whether all of it is text: numbers, and all names.</param>
    /// <param name="isNested">Whether it lies below a field of the record.</param>
    private void Collect(JsonElement value, string? name, List<string> blocks, bool isWhole, bool isNested)
    {
        var isWord = name is not null && (isWhole || (isNested && !IsForm(name)));
        var before = blocks.Count;
        switch (value.ValueKind)
        {
            case JsonValueKind.String when value.GetString() is { } text && IsText(text):
                var clean = text.Replace("\r\n", "\n", StringComparison.Ordinal);
                blocks.Add(isWord || (name is not null && clean.Length < ShortValue) ? $"{name}: {clean}" : clean);
                break;
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False when isWhole:
                blocks.Add(name is null ? value.GetRawText() : $"{name}: {value.GetRawText()}");
                break;
            case JsonValueKind.Array
                when value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String && e.GetString()!.Length < ShortValue):
                var words = value.EnumerateArray().Select(e => e.GetString()!).Where(IsText).ToList();
                if (words.Count > 0)
                {
                    blocks.Add((name is null ? "" : name + ": ") + string.Join(", ", words));
                }

                break;
            case JsonValueKind.Array:
                foreach (var element in value.EnumerateArray())
                {
                    var isOne = element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);
                    Collect(element, isOne ? name : null, blocks, isWhole, isNested: true);
                }

                Head(isWord && value[0].ValueKind is JsonValueKind.Object or JsonValueKind.Array);
                break;
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    Collect(property.Value, property.Name, blocks, isWhole, isNested: true);
                }

                Head(isWord);
                break;
        }

        if (isWhole && name is not null && blocks.Count == before)
        {
            blocks.Add(name);
        }

        // Its name once, in front of all that is in it.
        void Head(bool isShown)
        {
            if (isShown && blocks.Count > before)
            {
                blocks.Insert(before, name!);
            }
        }
    }

    private bool IsForm(string name) =>
        Forms.Contains(name)
        || options.TextFields.Contains(name, StringComparer.OrdinalIgnoreCase)
        || options.TitleFields.Contains(name, StringComparer.OrdinalIgnoreCase)
        || options.IdFields.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool IsText(string text) =>
        text.Any(char.IsLetterOrDigit) && !(text.Length < 2048 && NoText().IsMatch(text)) && !(text.Length > 256 && Binary().IsMatch(text));

    private static Dictionary<string, string> PropertiesOf(JsonElement json)
    {
        var properties = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in json.EnumerateObject().Take(MaxProperties))
            {
                if (
                    property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
                    && property.Value.ToString() is { Length: > 0 and < 256 } value
                )
                {
                    properties[property.Name] = value;
                }
            }
        }

        return properties;
    }

    [GeneratedRegex(
        @"^\s*((https?|ftp|file|data|mailto):\S*|[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}|\d{4}-\d\d-\d\d([T ][\d:.,+Zz-]*)?|[0-9a-f]{32,})\s*$"
    )]
    private static partial Regex NoText();

    [GeneratedRegex(@"^[A-Za-z0-9+/_-]{256,}={0,2}\s*$")]
    private static partial Regex Binary();
}
