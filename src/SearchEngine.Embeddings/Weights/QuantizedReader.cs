using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using SearchEngine.Embeddings.Cpu.EightBit;

namespace SearchEngine.Embeddings.Weights;

/// <summary>Reads quantized weights: as the eight-bit kernels take them, or back in float32.</summary>
internal static unsafe class QuantizedReader
{
    /// <summary>
    /// A map's weights for the kernels: eight bits where they lie in the file, which must stay open; four bits made eight, exactly, in
    /// memory of their own.
    /// </summary>
    /// <exception cref="ModelFormatException">The values are none that a quantizer writes.</exception>
    public static Int8Weights Map(SafetensorsSet weights, QuantizedEntry entry)
    {
        CheckScales(weights, entry);
        (var wideInputs, var wide) = Wide(weights, entry);
        if (entry.Form == QuantizedForm.Int8Panels)
        {
            return new Int8Weights(
                entry.Columns,
                entry.Rows,
                (sbyte*)weights.Pointer(entry.Elements),
                (float*)weights.Pointer(entry.Scales),
                (int*)weights.Pointer(entry.Sums!),
                wideInputs,
                wide
            );
        }
        using var rows = Int8Weights.Rows(entry.Columns, entry.Rows);
        Rows(weights, entry, rows.Bytes);
        AlignedBuffer scales = new(entry.Rows);
        Scales(weights, entry).CopyTo(new Span<float>(scales.Start, entry.Rows));
        return Int8Weights.OfRows(rows.Bytes, entry.Columns, entry.Rows, scales, wideInputs, wide);
    }

    /// <summary>A weight in float32, the value that its eight or four bits stand for.</summary>
    /// <param name="target">(rows, columns), contiguous</param>
    /// <exception cref="ModelFormatException">The values are none that a quantizer writes.</exception>
    public static void Read(SafetensorsSet weights, QuantizedEntry entry, float* target)
    {
        CheckScales(weights, entry);
        int rows = entry.Rows,
            columns = entry.Columns;
        (var wideInputs, var wide) = Wide(weights, entry);
        var scales = Scales(weights, entry);
        using var steps = Int8Weights.Rows(columns, rows);
        Rows(weights, entry, steps.Bytes);
        for (var i = 0; i < rows; i++)
        {
            Span<float> row = new(target + (nint)i * columns, columns);
            Widen(new ReadOnlySpan<sbyte>(steps.Bytes + (nint)i * columns, columns), scales[i], row);
            if (entry.ColumnScales is not null)
                TensorPrimitives.Multiply(row, Floats(weights, entry.ColumnScales), row);
            for (var k = 0; k < wideInputs.Length; k++)
                row[wideInputs[k]] = wide[i * wideInputs.Length + k];
        }
    }

    /// <summary>steps · scale.</summary>
    public static void Widen(ReadOnlySpan<sbyte> steps, float scale, Span<float> target)
    {
        TensorPrimitives.ConvertTruncating(steps, target);
        TensorPrimitives.Multiply(target, scale, target);
    }

    /// <summary>Compares what is stored of a weight twice.</summary>
    /// <exception cref="ModelFormatException">It does not agree: a bit of the file has changed.</exception>
    public static void Verify(SafetensorsSet weights, QuantizedEntry entry)
    {
        CheckScales(weights, entry);
        Wide(weights, entry);
        using var rows = Int8Weights.Rows(entry.Columns, entry.Rows);
        Rows(weights, entry, rows.Bytes);
        if (entry.Sums is null)
            return;
        var sums = (int*)weights.Pointer(entry.Sums);
        for (var i = 0; i < entry.Rows; i++)
        {
            if (Int8Weights.Sum(rows.Bytes + (nint)i * entry.Columns, entry.Columns) != sums[i])
                throw Fault(weights, entry.Elements, $"row {i} does not sum up to what is stored beside");
        }
    }

    /// <summary>The scales of a weight's rows.</summary>
    public static ReadOnlySpan<float> Scales(SafetensorsSet weights, QuantizedEntry entry) => Floats(weights, entry.Scales);

    /// <summary>A scale that is not a number, or is negative, is none.</summary>
    public static void CheckScales(SafetensorsSet weights, QuantizedEntry entry)
    {
        foreach (var scales in new[] { entry.Scales, entry.ColumnScales }.OfType<SafetensorsEntry>())
        {
            foreach (var scale in Floats(weights, scales))
            {
                if (!(scale >= 0) || !float.IsFinite(scale))
                    throw Fault(weights, scales, $"it holds {scale}, which is no scale");
            }
        }
    }

    private static ReadOnlySpan<float> Floats(SafetensorsSet weights, SafetensorsEntry entry) =>
        MemoryMarshal.Cast<byte, float>(weights.Bytes(entry));

    /// <summary>The columns in float32, and the weights in them.</summary>
    private static (int[] Inputs, float[] Weights) Wide(SafetensorsSet weights, QuantizedEntry entry)
    {
        if (entry.WideInputs is null)
            return ([], []);
        var inputs = MemoryMarshal.Cast<byte, int>(weights.Bytes(entry.WideInputs)).ToArray();
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] < 0 || inputs[i] >= entry.Columns || (i > 0 && inputs[i] <= inputs[i - 1]))
                throw Fault(weights, entry.WideInputs, $"it holds {inputs[i]}, which is no column in its place");
        }
        return (inputs, WeightReader.ReadArray(weights, entry.Wide!));
    }

    /// <summary>The elements in eight bits, row after row.</summary>
    private static void Rows(SafetensorsSet weights, QuantizedEntry entry, sbyte* target)
    {
        var elements = weights.Pointer(entry.Elements);
        var bytes = (long)entry.Rows * entry.Columns;
        switch (entry.Form)
        {
            case QuantizedForm.Int8Panels:
                Int8Panels.Unpack((sbyte*)elements, entry.Columns, entry.Rows, target);
                break;
            case QuantizedForm.Int8Rows:
                Buffer.MemoryCopy((void*)elements, target, bytes, bytes);
                break;
            default:
                for (var i = 0; i < entry.Rows; i++)
                    UnpackRow(weights, entry, i, target + (nint)i * entry.Columns);
                break;
        }
    }

    /// <summary>One row of four bits in eight.</summary>
    public static void UnpackRow(SafetensorsSet weights, QuantizedEntry entry, int row, sbyte* target)
    {
        int bytes = entry.Columns / 2,
            groups = entry.Columns / Int4Rounding.Group;

        // SAFETY: the entry's parts were held against its shape, and lie inside the mapping.
        ReadOnlySpan<byte> nibbles = new((byte*)weights.Pointer(entry.Elements) + (nint)row * bytes, bytes),
            multipliers = new((byte*)weights.Pointer(entry.Multipliers!) + (nint)row * groups, groups);
        if (!Int4Rounding.TryUnpack(nibbles, multipliers, target))
            throw Fault(weights, entry.Elements, $"row {row} holds numbers that four bits of this format do not have");
    }

    private static ModelFormatException Fault(SafetensorsSet weights, SafetensorsEntry entry, string what) =>
        new(weights.Path, $"tensor '{entry.Name}' is damaged: {what}; fetch the file again, or quantize the model again.");
}
