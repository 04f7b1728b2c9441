using System.Globalization;
using System.Text.Json;

namespace SearchEngine.Storage;

/// <summary>
/// Reads the JSON of manifests, property by property: every opening does, and a serializer, generated at compile time or not, would have
/// hundreds of methods of its own compiled first. What is not named here is passed over.
/// </summary>
internal static class ManifestReader
{
    /// <exception cref="JsonException">It is no JSON, lacks something, or something is of another kind.</exception>
    public static CheckpointManifest ReadManifest(ReadOnlySpan<byte> json) =>
        Read(
            JsonDocument.Parse(json.ToArray()),
            root =>
            {
                var properties = new Dictionary<string, string>();
                if (root.TryGetProperty(nameof(CheckpointManifest.Properties), out var stored))
                {
                    foreach (var property in stored.EnumerateObject())
                        properties[property.Name] = property.Value.GetString()!;
                }

                return new CheckpointManifest
                {
                    LogAddress = root.GetProperty(nameof(CheckpointManifest.LogAddress)).GetInt64(),
                    Records = Checkpoint(root.GetProperty(nameof(CheckpointManifest.Records))),
                    LexicalGeneration = Number(root, nameof(CheckpointManifest.LexicalGeneration)),
                    Properties = properties,
                };
            }
        );

    /// <exception cref="JsonException">As for <see cref="ReadManifest"/>.</exception>
    public static RecordCheckpoint ReadCheckpoint(string json) => Read(JsonDocument.Parse(json), Checkpoint);

    private static T Read<T>(JsonDocument document, Func<JsonElement, T> read)
        where T : class
    {
        using (document)
        {
            try
            {
                return read(document.RootElement);
            }
            catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
            {
                throw new JsonException(e.Message, e);
            }
        }
    }

    private static RecordCheckpoint Checkpoint(JsonElement root)
    {
        var longValues = new Dictionary<byte, long>();
        if (root.TryGetProperty(nameof(RecordCheckpoint.LongValues), out var stored))
        {
            foreach (var space in stored.EnumerateObject())
                longValues[byte.Parse(space.Name, CultureInfo.InvariantCulture)] = space.Value.GetInt64();
        }

        return new RecordCheckpoint
        {
            Token = root.GetProperty(nameof(RecordCheckpoint.Token)).GetGuid(),
            IndexToken = root.TryGetProperty(nameof(RecordCheckpoint.IndexToken), out var index) ? index.GetGuid() : Guid.Empty,
            IndexTailAddress = Number(root, nameof(RecordCheckpoint.IndexTailAddress)),
            BeginAddress = root.GetProperty(nameof(RecordCheckpoint.BeginAddress)).GetInt64(),
            TailAddress = root.GetProperty(nameof(RecordCheckpoint.TailAddress)).GetInt64(),
            TailBlockSum = checked((uint)Number(root, nameof(RecordCheckpoint.TailBlockSum))),
            MetadataSum = checked((uint)Number(root, nameof(RecordCheckpoint.MetadataSum))),
            IndexMetadataSum = checked((uint)Number(root, nameof(RecordCheckpoint.IndexMetadataSum))),
            Sequence = Number(root, nameof(RecordCheckpoint.Sequence)),
            PageBytes = root.GetProperty(nameof(RecordCheckpoint.PageBytes)).GetInt32(),
            SegmentBytes = root.GetProperty(nameof(RecordCheckpoint.SegmentBytes)).GetInt64(),
            LongValues = longValues,
            CompactedBytes = Number(root, nameof(RecordCheckpoint.CompactedBytes)),
            CompactedKeys = Number(root, nameof(RecordCheckpoint.CompactedKeys)),
        };
    }

    private static long Number(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? value.GetInt64() : 0;
}
