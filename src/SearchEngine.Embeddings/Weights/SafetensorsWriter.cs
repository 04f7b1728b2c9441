using System.Buffers.Binary;
using System.Text.Json;

namespace SearchEngine.Embeddings;

/// <summary>Writes safetensors files.</summary>
internal static class SafetensorsWriter
{
    private const int Alignment = 64;

    /// <summary>
    /// Writes a file as a whole or not at all: into a temporary file of the same folder, flushed to the disk, then renamed over
    /// <paramref name="path"/>. Tensors are streamed, one at a time, ordered by alignment (largest first) and otherwise as given; the
    /// header is padded so that the data begin at a multiple of 64 bytes. A tensor's length must be a multiple of its alignment, so that
    /// all are aligned.
    /// </summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="tensors">The tensors; names must differ.</param>
    /// <param name="metadata">Text pairs for the header, or null. Transformers expects <c>format</c> = <c>pt</c>.</param>
    /// <exception cref="ArgumentException">A name is empty or comes twice, or a shape is negative or too large.</exception>
    /// <exception cref="InvalidOperationException">A tensor's callback wrote another number of bytes than its shape says.</exception>
    public static void Write(string path, IReadOnlyList<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        SafetensorsTensor[] ordered = [.. tensors.OrderByDescending(t => t.Alignment)];
        var lengths = Lengths(ordered);
        var header = Padded(Header(ordered.Zip(lengths, (t, length) => (t.Name, t.DataType, t.Shape, length)), metadata));
        if (header.Length > SafetensorsHeader.MaximumLength)
        {
            throw new ArgumentException(
                $"The header takes {header.Length} bytes, more than the format's {SafetensorsHeader.MaximumLength}.",
                nameof(tensors)
            );
        }

        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                Span<byte> prefix = stackalloc byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
                stream.Write(prefix);
                stream.Write(header);
                for (var i = 0; i < ordered.Length; i++)
                {
                    var before = stream.Position;
                    ordered[i].WriteTo(stream);
                    if (stream.Position - before != lengths[i])
                    {
                        throw new InvalidOperationException(
                            $"Tensor '{ordered[i].Name}' wrote {stream.Position - before} bytes instead of {lengths[i]}."
                        );
                    }
                }
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static long[] Lengths(SafetensorsTensor[] tensors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        var lengths = new long[tensors.Length];
        for (var i = 0; i < tensors.Length; i++)
        {
            var tensor = tensors[i];
            if (string.IsNullOrEmpty(tensor.Name) || tensor.Name == "__metadata__" || !names.Add(tensor.Name))
                throw new ArgumentException($"The tensor name '{tensor.Name}' is empty, reserved, or there twice.", nameof(tensors));
            if (tensor.Shape.Any(extent => extent < 0) || !SafetensorsHeader.TryByteCount(tensor.DataType, tensor.Shape, out lengths[i]))
            {
                throw new ArgumentException(
                    $"Tensor '{tensor.Name}' has the impossible shape [{string.Join(", ", tensor.Shape)}].",
                    nameof(tensors)
                );
            }
        }
        return lengths;
    }

    /// <summary>The header's text: text pairs, and tensors whose data follow each other from the beginning of the data on.</summary>
    /// <param name="tensors">Names that differ, and the data's bytes of each.</param>
    /// <param name="metadata">Text pairs, or null.</param>
    public static MemoryStream Header(
        IEnumerable<(string Name, SafetensorsDataType DataType, long[] Shape, long Bytes)> tensors,
        IReadOnlyDictionary<string, string>? metadata
    )
    {
        MemoryStream buffer = new();
        using Utf8JsonWriter writer = new(buffer);
        writer.WriteStartObject();
        if (metadata is { Count: > 0 })
        {
            writer.WriteStartObject("__metadata__");
            foreach ((var key, var value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                writer.WriteString(key, value);
            writer.WriteEndObject();
        }
        long position = 0;
        foreach ((var name, var dataType, var shape, var bytes) in tensors)
        {
            writer.WriteStartObject(name);
            writer.WriteString("dtype", dataType.FormatName());
            writer.WriteStartArray("shape");
            foreach (var extent in shape)
                writer.WriteNumberValue(extent);
            writer.WriteEndArray();
            writer.WriteStartArray("data_offsets");
            writer.WriteNumberValue(position);
            writer.WriteNumberValue(position = checked(position + bytes));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        return buffer;
    }

    private static byte[] Padded(MemoryStream header)
    {
        while ((sizeof(ulong) + header.Length) % Alignment != 0)
            header.WriteByte((byte)' ');
        return header.ToArray();
    }
}
