using System.Runtime.CompilerServices;
using System.Text.Json;

namespace SearchEngine.Migration;

/// <summary>
/// What Chroma's <c>collection.get(include=["embeddings", "documents", "metadatas"])</c> gives, as JSON: lists side by side. A file may
/// hold
/// several such answers (pages by limit and offset), one after the other.
/// </summary>
internal sealed class ChromaJson(string path) : IForeignStore
{
    public const string HowToExport =
        "write it with json.dump(collection.get(include=[\"embeddings\", \"documents\", \"metadatas\"]), file, default=lambda "
        + "array: array.tolist())";

    private static readonly (string List, string Column)[] Lists = [("documents", "$document"), ("uris", "$uri")];

    public string Kind => "Chroma export";

    public string Name => Path.GetFileNameWithoutExtension(path);

    public StoreFacts Facts { get; } = new() { KeyColumn = "$id" };

    public static bool Looks(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty("ids", out var ids) && ids.ValueKind == JsonValueKind.Array;

    public async IAsyncEnumerable<ForeignRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var row = 0L;
        await foreach (var page in JsonStream.ReadAsync(path, cancellationToken).ConfigureAwait(false))
        {
            if (!Looks(page))
            {
                throw new MigrationException(
                    $"After {row} records the file holds no answer of Chroma's get (no list 'ids'); {HowToExport}."
                );
            }
            if (page.GetProperty("ids").EnumerateArray().FirstOrDefault().ValueKind == JsonValueKind.Array)
                throw new MigrationException($"The file holds a query's answer (lists of lists), not one of get; {HowToExport}.");
            var columns = ColumnsOf(page);
            foreach (var id in page.GetProperty("ids").EnumerateArray())
            {
                var values = new Dictionary<string, object?>(StringComparer.Ordinal) { ["$id"] = JsonScalars.ValueOf(id) };
                foreach (var (column, items) in columns)
                {
                    items.MoveNext();
                    Take(values, column, items.Current);
                }
                row++;
                yield return new ForeignRow($"record {row}", values);
            }
        }
        Facts.Notes.Add("an export does not say the metric: Chroma's default is l2 (--metric euclidean), many collections are cosine");
    }

    private static void Take(Dictionary<string, object?> values, string column, JsonElement item)
    {
        if (column == "$metadata")
        {
            if (item.ValueKind != JsonValueKind.Object)
                return;
            foreach (var entry in item.EnumerateObject())
                values[entry.Name] = JsonScalars.ValueOf(entry.Value);
            return;
        }

        values[column] =
            column == "$vector" && item.ValueKind == JsonValueKind.Array
                ? JsonScalars.VectorOf(item) ?? (object)new UnmappedValue("an embedding that is no list of numbers")
                : JsonScalars.ValueOf(item);
    }

    private static List<(string Column, IEnumerator<JsonElement> Items)> ColumnsOf(JsonElement page)
    {
        var count = page.GetProperty("ids").GetArrayLength();
        var columns = new List<(string, IEnumerator<JsonElement>)>();
        foreach (var (list, column) in Lists.Append(("embeddings", "$vector")).Append(("metadatas", "$metadata")))
        {
            if (!page.TryGetProperty(list, out var items) || items.ValueKind == JsonValueKind.Null)
                continue;
            if (items.ValueKind != JsonValueKind.Array || items.GetArrayLength() != count)
                throw new MigrationException($"The list '{list}' does not have one entry for each of the {count} ids; {HowToExport}.");
            columns.Add((column, ((IEnumerable<JsonElement>)items.EnumerateArray()).GetEnumerator()));
        }

        return columns;
    }
}
