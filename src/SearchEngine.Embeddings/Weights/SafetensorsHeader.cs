using System.Text;
using System.Text.Json;

namespace SearchEngine.Embeddings;

/// <summary>
/// The checked header of a safetensors file. The rules are those of the format's reference implementation: every tensor's length is
/// what its type and shape say, tensors neither overlap nor leave gaps, and together they fill the file to its last byte.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The largest header of the format; its reference implementation refuses more.</summary>
    public const int MaximumLength = 100_000_000;

    /// <summary>Deeper nesting than the format's own (three levels) is left to the reader to pass over, up to this depth.</summary>
    private const int MaximumDepth = 16;

    /// <summary>More extents than any tensor library takes.</summary>
    private const int MaximumRank = 64;

    private const string MetadataKey = "__metadata__";

    private readonly string _path;
    private readonly long _dataStart;

    private SafetensorsHeader(string path, long headerLength, long fileLength)
    {
        _path = path;
        _dataStart = headerLength + 8;
        FileLength = fileLength;
    }

    public Dictionary<string, SafetensorsEntry> Entries { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public long FileLength { get; }

    /// <summary>Reads and checks a header.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="json">The header's bytes, without the eight of the length.</param>
    /// <param name="fileLength">The length of the whole file in bytes.</param>
    /// <exception cref="ModelFormatException">Anything is wrong with it.</exception>
    public static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> json, long fileLength)
    {
        SafetensorsHeader header = new(path, json.Length, fileLength);
        try
        {
            header.Read(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DecoderFallbackException or FormatException)
        {
            throw new ModelFormatException(path, $"the safetensors header is not valid JSON: {e.Message}", e);
        }
        header.CheckCoverage();
        return header;
    }

    private void Read(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaximumDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Fault("the safetensors header is not a JSON object.");
        var metadataSeen = false;
        while (Next(ref reader) != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            Next(ref reader);
            if (name == MetadataKey)
            {
                if (metadataSeen)
                    throw Fault($"the header has {MetadataKey} twice.");
                metadataSeen = true;
                ReadMetadata(ref reader);
                continue;
            }
            var entry = ReadEntry(ref reader, name);
            if (!Entries.TryAdd(name, entry))
                throw Fault($"tensor '{Shorten(name)}' is in the header twice.");
        }
        if (reader.Read())
            throw Fault("the safetensors header goes on after its closing brace.");
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Fault($"{MetadataKey} is not a JSON object.");
        while (Next(ref reader) != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            if (Next(ref reader) != JsonTokenType.String)
                throw Fault($"{MetadataKey} '{Shorten(key)}' is not a string.");
            if (!Metadata.TryAdd(key, reader.GetString()!))
                throw Fault($"{MetadataKey} has '{Shorten(key)}' twice.");
        }
    }

    private SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Fault($"the header's entry for tensor '{Shorten(name)}' is not a JSON object.");
        SafetensorsDataType? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (Next(ref reader) != JsonTokenType.EndObject)
        {
            var field = reader.GetString()!;
            Next(ref reader);
            switch (field)
            {
                case "dtype" when type is null:
                    var typeName =
                        reader.TokenType == JsonTokenType.String
                            ? reader.GetString()!
                            : throw Fault($"the dtype of tensor '{Shorten(name)}' is not a string.");
                    if (!SafetensorsDataTypes.TryParse(typeName, out var parsed))
                        throw Fault($"tensor '{Shorten(name)}' has dtype '{Shorten(typeName)}', which is not supported.");
                    type = parsed;
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, name, field);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, name, field);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Fault($"tensor '{Shorten(name)}' has '{field}' twice.");
                default:
                    throw Fault($"tensor '{Shorten(name)}' has the field '{Shorten(field)}', which the format does not know.");
            }
        }
        if (type is null || shape is null || offsets is null)
            throw Fault($"tensor '{Shorten(name)}' lacks '{(type is null ? "dtype" : shape is null ? "shape" : "data_offsets")}'.");
        return Check(name, type.Value, shape, offsets);
    }

    private long[] ReadNumbers(ref Utf8JsonReader reader, string name, string field)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Fault($"'{field}' of tensor '{Shorten(name)}' is not an array.");
        List<long> numbers = [];
        while (Next(ref reader) != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                throw Fault($"'{field}' of tensor '{Shorten(name)}' has something other than whole numbers from 0 to 2^63-1.");
            if (numbers.Count == MaximumRank)
                throw Fault($"'{field}' of tensor '{Shorten(name)}' has more than {MaximumRank} numbers.");
            numbers.Add(number);
        }
        return [.. numbers];
    }

    private SafetensorsEntry Check(string name, SafetensorsDataType type, long[] shape, long[] offsets)
    {
        if (offsets.Length != 2)
            throw Fault($"'data_offsets' of tensor '{Shorten(name)}' has {offsets.Length} numbers instead of 2.");
        long begin = offsets[0],
            end = offsets[1],
            dataLength = FileLength - _dataStart;
        if (begin > end)
            throw Fault($"tensor '{Shorten(name)}' ends (at {end}) before it begins (at {begin}).");
        if (end > dataLength)
        {
            throw Fault(
                $"tensor '{Shorten(name)}' goes from byte {begin} to {end} of the data, but the file has only {dataLength} bytes of data; "
                    + "it is truncated or damaged: fetch or copy it again."
            );
        }
        if (!TryByteCount(type, shape, out var length) || length != end - begin)
        {
            throw Fault(
                $"tensor '{Shorten(name)}' of type {type.FormatName()} and shape [{string.Join(", ", shape)}] does not take the "
                    + $"{end - begin} bytes that its data_offsets give it."
            );
        }
        return new SafetensorsEntry(name, type, shape, _dataStart + begin, length);
    }

    /// <summary>Bytes of a tensor; false if the number does not fit 63 bits.</summary>
    public static bool TryByteCount(SafetensorsDataType type, ReadOnlySpan<long> shape, out long bytes)
    {
        bytes = 0;
        if (shape.Contains(0L))
            return true;
        long product = type.ElementSize();
        foreach (var extent in shape)
        {
            if (Math.BigMul(product, extent, out product) != 0 || product < 0)
                return false;
        }
        bytes = product;
        return true;
    }

    /// <summary>Tensors follow one another from the first byte of the data to the last.</summary>
    private void CheckCoverage()
    {
        var position = _dataStart;
        SafetensorsEntry? previous = null;
        foreach (var entry in Entries.Values.OrderBy(e => e.Offset).ThenBy(e => e.Length))
        {
            if (entry.Offset < position)
                throw Fault($"tensors '{Shorten(previous!.Name)}' and '{Shorten(entry.Name)}' overlap; the file is damaged.");
            if (entry.Offset > position)
            {
                throw Fault(
                    $"{entry.Offset - position} bytes before tensor '{Shorten(entry.Name)}' belong to no tensor; the file is damaged."
                );
            }
            position = entry.Offset + entry.Length;
            previous = entry;
        }
        if (position != FileLength)
            throw Fault($"{FileLength - position} bytes at the end of the file belong to no tensor; the file is damaged.");
    }

    private JsonTokenType Next(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            throw Fault("the safetensors header ends in the middle.");
        return reader.TokenType;
    }

    /// <summary>A hostile name must not make a message of a hundred megabytes.</summary>
    private static string Shorten(string text) => text.Length <= 200 ? text : string.Concat(text.AsSpan(0, 200), "…");

    private ModelFormatException Fault(string message) => new(_path, message);
}
