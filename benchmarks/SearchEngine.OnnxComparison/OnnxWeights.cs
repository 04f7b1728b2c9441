using System.Buffers.Binary;
using System.Text;

namespace SearchEngine.OnnxComparison;

/// <summary>
/// The weights inside an ONNX file, as a Hugging Face folder: a linear map is named after the bias that is added to its product, and
/// turned around; everything else has its own name. Reads just as much of the format as all-MiniLM needs.
/// </summary>
internal static class OnnxWeights
{
    private sealed record Tensor(string Name, long[] Shape, byte[] Data);

    /// <summary>Writes model.safetensors.</summary>
    public static void Write(byte[] model, string path)
    {
        Dictionary<string, Tensor> initializers = [];
        Dictionary<string, string[]> products = [];
        List<string[]> sums = [];
        foreach ((var field, var graph) in Fields(model).Where(f => f.Field == 7))
        {
            foreach ((var part, var content) in Fields(graph))
            {
                if (part == 5 && ReadTensor(content) is Tensor tensor)
                {
                    initializers[tensor.Name] = tensor;
                }
                else if (part == 1 && ReadNode(content) is (string type, string output, string[] inputs))
                {
                    if (type == "MatMul")
                        products[output] = inputs;
                    else if (type == "Add")
                        sums.Add(inputs);
                }
            }
        }
        List<Tensor> tensors =
        [
            .. initializers.Values.Where(t =>
                t.Name.StartsWith("embeddings.", StringComparison.Ordinal)
                || (t.Name.StartsWith("encoder.", StringComparison.Ordinal) && t.Shape.Length == 1)
            ),
        ];
        foreach (var inputs in sums)
        {
            var bias = inputs.FirstOrDefault(input => input.EndsWith(".bias", StringComparison.Ordinal) && initializers.ContainsKey(input));
            if (
                bias is not null
                && inputs.Select(input => products.GetValueOrDefault(input)).FirstOrDefault(p => p is not null) is string[] product
            )
            {
                tensors.Add(
                    Transposed(
                        product.Select(input => initializers.GetValueOrDefault(input)).First(t => t is not null)!,
                        bias[..^4] + "weight"
                    )
                );
            }
        }
        Save([.. tensors.Where(t => !t.Name.EndsWith("position_ids", StringComparison.Ordinal))], path);
    }

    private static (string Type, string Output, string[] Inputs) ReadNode(ReadOnlyMemory<byte> content)
    {
        List<string> inputs = [];
        string output = "",
            type = "";
        foreach ((var field, var value) in Fields(content))
        {
            var text = field is 1 or 2 or 4 ? Encoding.UTF8.GetString(value.Span) : "";
            if (field == 1)
                inputs.Add(text);
            else if (field == 2)
                output = text;
            else if (field == 4)
                type = text;
        }
        return (type, output, [.. inputs]);
    }

    private static Tensor? ReadTensor(ReadOnlyMemory<byte> content)
    {
        List<long> shape = [];
        var name = "";
        ReadOnlyMemory<byte> data = default;
        long type = 0;
        foreach ((var field, var value) in Fields(content))
        {
            switch (field)
            {
                case 1:
                    for (var at = 0; at < value.Length; )
                        shape.Add(Varint(value.Span, ref at));
                    break;
                case 2:
                    var start = 0;
                    type = Varint(value.Span, ref start);
                    break;
                case 8:
                    name = Encoding.UTF8.GetString(value.Span);
                    break;
                case 9:
                    data = value;
                    break;
            }
        }
        const long Float = 1;
        return type == Float && data.Length > 0 ? new Tensor(name, [.. shape], data.ToArray()) : null;
    }

    private static Tensor Transposed(Tensor map, string name)
    {
        int rows = (int)map.Shape[0],
            columns = (int)map.Shape[1];
        var turned = new byte[map.Data.Length];
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < columns; c++)
                map.Data.AsSpan((r * columns + c) * 4, 4).CopyTo(turned.AsSpan((c * rows + r) * 4));
        }
        return new Tensor(name, [columns, rows], turned);
    }

    private static void Save(Tensor[] tensors, string path)
    {
        StringBuilder header = new("{");
        long offset = 0;
        foreach (var tensor in tensors)
        {
            header
                .Append(header.Length > 1 ? "," : "")
                .Append('"')
                .Append(tensor.Name)
                .Append("\":{\"dtype\":\"F32\",\"shape\":[")
                .AppendJoin(',', tensor.Shape)
                .Append("],\"data_offsets\":[")
                .Append(offset)
                .Append(',')
                .Append(offset + tensor.Data.Length)
                .Append("]}");
            offset += tensor.Data.Length;
        }
        var json = Encoding.UTF8.GetBytes(header.Append('}').ToString().PadRight((header.Length + 8) / 8 * 8));
        using var file = File.Create(path);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        file.Write(length);
        file.Write(json);
        foreach (var tensor in tensors)
            file.Write(tensor.Data);
    }

    /// <summary>The fields of a protocol buffers message; a number comes as its own bytes.</summary>
    private static IEnumerable<(int Field, ReadOnlyMemory<byte> Value)> Fields(ReadOnlyMemory<byte> message)
    {
        for (var at = 0; at < message.Length; )
        {
            var key = Varint(message.Span, ref at);
            var start = at;
            var length = (key & 7) switch
            {
                0 => -1,
                1 => 8,
                5 => 4,
                _ => (int)Varint(message.Span, ref at),
            };
            if (length < 0)
            {
                Varint(message.Span, ref at);
                yield return ((int)(key >> 3), message[start..at]);
                continue;
            }
            yield return ((int)(key >> 3), message.Slice(at, length));
            at += length;
        }
    }

    private static long Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        long value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes[at++];
            value |= (long)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
    }
}
