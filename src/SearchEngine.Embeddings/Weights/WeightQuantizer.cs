using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using SearchEngine.Embeddings.Cpu.EightBit;

namespace SearchEngine.Embeddings.Weights;

/// <summary>Turns float weights into the tensors that <see cref="QuantizedEntry"/> describes. Not thread-safe.</summary>
internal sealed unsafe class WeightQuantizer(SafetensorsSet weights) : IDisposable
{
    /// <summary>What a block of sums or a panel is aligned to: a cache line, and a vector of 512 bits.</summary>
    private const int Alignment = 64;

    private readonly List<AlignedBuffer> _buffers = [];

    /// <summary>Whether a linear map's shape lets it be stored in panels.</summary>
    public static bool Fits(SafetensorsEntry entry) =>
        entry.Shape is [> 0 and var rows, > 0 and var columns]
        && rows % QuantizedEntries.RowMultiple == 0
        && columns % QuantizedEntries.ColumnMultiple == 0;

    /// <summary>A linear map's weights, exactly as <see cref="Int8Weights.Quantize"/> makes them at loading, or in four bits.</summary>
    /// <param name="entry">(outputs, inputs), of a shape that <see cref="Fits"/>.</param>
    /// <param name="int4">Four bits, if rows are whole groups of them.</param>
    /// <param name="magnitudes">About how large each input gets, or null.</param>
    /// <exception cref="ModelFormatException">A weight is not finite.</exception>
    public IReadOnlyList<SafetensorsTensor> Map(SafetensorsEntry entry, bool int4, float[]? magnitudes)
    {
        int rows = (int)entry.Shape[0],
            columns = (int)entry.Shape[1];
        using AlignedBuffer values = new((nint)rows * columns);
        ReadFinite(entry, values.Start, entry.ElementCount);
        if (int4 && columns % Int4Rounding.Group == 0)
        {
            var widest = Int8Weights.WidestInputs(columns, magnitudes);
            var taken = Int8Weights.TakeOut(values.Start, columns, rows, widest);
            return [.. FourBits(entry.Name, values.Start, rows, columns), .. Wide(entry.Name, rows, widest, taken)];
        }
        using var eight = Int8Weights.Quantize(values.Start, columns, rows, magnitudes);
        return
        [
            Copy(entry.Name + QuantizedEntry.PanelsSuffix, SafetensorsDataType.Int8, [rows, columns], eight.Panels) with
            {
                Alignment = Alignment,
            },
            Copy(entry.Name + QuantizedEntry.ScalesSuffix, SafetensorsDataType.Float32, [rows], eight.Scales) with
            {
                Alignment = Alignment,
            },
            Copy(entry.Name + QuantizedEntry.SumsSuffix, SafetensorsDataType.Int32, [rows], eight.Sums) with
            {
                Alignment = Alignment,
            },
            .. Wide(entry.Name, rows, eight.WideInputs, eight.Wide),
        ];
    }

    /// <summary>
    /// A token table, a scale for each row and one for each column: trained tables have columns whose elements are all large, which would
    /// take the others' precision.
    /// </summary>
    /// <inheritdoc cref="Map"/>
    public IReadOnlyList<SafetensorsTensor> Table(SafetensorsEntry entry, bool int4)
    {
        int rows = (int)entry.Shape[0],
            columns = (int)entry.Shape[1];
        using AlignedBuffer values = new((nint)rows * columns);
        ReadFinite(entry, values.Start, entry.ElementCount);
        var columnScales = TakeOutColumns(values.Start, rows, columns);
        var stored = SafetensorsTensor.FromFloats(entry.Name + QuantizedEntry.ColumnScalesSuffix, [columns], columnScales);
        if (int4 && columns % Int4Rounding.Group == 0)
            return [.. FourBits(entry.Name, values.Start, rows, columns), stored];
        var steps = Keep(Int8Weights.Rows(columns, rows));
        var scales = new float[rows];
        Int8Rounding.QuantizeRows(values.Start, rows, columns, steps.Bytes, scales);
        return
        [
            InPlace(entry.Name + QuantizedEntry.RowsSuffix, SafetensorsDataType.Int8, [rows, columns], steps.Bytes),
            SafetensorsTensor.FromFloats(entry.Name + QuantizedEntry.ScalesSuffix, [rows], scales),
            stored,
        ];
    }

    public void Dispose()
    {
        foreach (var buffer in _buffers)
            buffer.Dispose();
    }

    /// <summary>Divides each column by its elements' root mean square, which is returned; a column of zeros by one.</summary>
    private static float[] TakeOutColumns(float* values, int rows, int columns)
    {
        var squares = new double[columns];
        for (nint i = 0; i < (nint)rows * columns; i++)
            squares[i % columns] += (double)values[i] * values[i];
        float[] scales = [.. squares.Select(square => (float)Math.Sqrt(square / rows)).Select(scale => scale > 0 ? scale : 1)];
        for (nint i = 0; i < rows; i++)
        {
            Span<float> row = new(values + i * columns, columns);
            TensorPrimitives.Divide(row, scales, row);
        }
        return scales;
    }

    private SafetensorsTensor[] FourBits(string name, float* values, int rows, int columns)
    {
        int groups = columns / Int4Rounding.Group,
            bytes = columns / 2;
        var nibbles = Keep(Int8Weights.Rows(bytes, rows));
        var multipliers = new byte[rows * groups];
        var scales = new float[rows];
        Parallel.For(
            0,
            rows,
            i =>
                scales[i] = Int4Rounding.Quantize(
                    new ReadOnlySpan<float>(values + (nint)i * columns, columns),
                    new Span<byte>((byte*)nibbles.Bytes + (nint)i * bytes, bytes),
                    multipliers.AsSpan(i * groups, groups)
                )
        );
        return
        [
            InPlace(name + QuantizedEntry.Int4Suffix, SafetensorsDataType.UInt8, [rows, bytes], nibbles.Bytes),
            SafetensorsTensor.FromBytes(name + QuantizedEntry.MultipliersSuffix, SafetensorsDataType.UInt8, [rows, groups], multipliers),
            SafetensorsTensor.FromFloats(name + QuantizedEntry.ScalesSuffix, [rows], scales),
        ];
    }

    private static SafetensorsTensor[] Wide(string name, int rows, int[] inputs, float[] wide) =>
        inputs.Length == 0
            ? []
            :
            [
                SafetensorsTensor.FromBytes(
                    name + QuantizedEntry.WideInputsSuffix,
                    SafetensorsDataType.Int32,
                    [inputs.Length],
                    MemoryMarshal.AsBytes<int>(inputs).ToArray()
                ),
                SafetensorsTensor.FromFloats(name + QuantizedEntry.WideSuffix, [rows, inputs.Length], wide),
            ];

    /// <summary>Reads weights, which must be numbers: a scale of infinity would make zeros of a row.</summary>
    private void ReadFinite(SafetensorsEntry entry, float* target, long count)
    {
        WeightReader.Read(weights, entry, target);
        const int Chunk = 1 << 24;
        for (long done = 0; done < count; done += Chunk)
        {
            if (!TensorPrimitives.IsFiniteAll(new ReadOnlySpan<float>(target + done, (int)Math.Min(Chunk, count - done))))
            {
                throw new ModelFormatException(
                    weights.Path,
                    $"tensor '{entry.Name}' holds a number that is not finite, and cannot be quantized."
                );
            }
        }
    }

    /// <summary>A tensor of what is in memory now.</summary>
    private SafetensorsTensor Copy(string name, SafetensorsDataType type, long[] shape, void* start)
    {
        SafetensorsHeader.TryByteCount(type, shape, out var bytes);
        var copy = Keep(new AlignedBuffer((nint)(bytes + sizeof(float) - 1) / sizeof(float)));
        Buffer.MemoryCopy(start, copy.Start, bytes, bytes);
        return InPlace(name, type, shape, copy.Bytes);
    }

    private static SafetensorsTensor InPlace(string name, SafetensorsDataType type, long[] shape, void* start)
    {
        SafetensorsHeader.TryByteCount(type, shape, out var bytes);
        return SafetensorsTensor.FromPointer(name, type, shape, (nint)start, bytes);
    }

    /// <summary>Memory that lives until the file is written.</summary>
    private AlignedBuffer Keep(AlignedBuffer buffer)
    {
        _buffers.Add(buffer);
        return buffer;
    }
}
