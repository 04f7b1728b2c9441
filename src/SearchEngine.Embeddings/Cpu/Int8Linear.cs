using System.Numerics.Tensors;
using SearchEngine.Embeddings.Cpu.EightBit;

namespace SearchEngine.Embeddings;

/// <summary>
/// Weights in eight bits with one scale for each output (symmetric, largest magnitude at 127); inputs are quantized the same way row by row
/// as they come. Sums are exact integers, so a row's result does not depend on its batch.
/// </summary>
internal sealed unsafe class Int8Linear : CpuLinear
{
    private readonly IReadOnlyList<Int8Weights> _parts;
    private readonly bool _fine;
    private readonly int[] _wide;
    private readonly AlignedBuffer?[] _widePanels;

    /// <param name="parts">Weights of the same inputs whose outputs follow each other; owned from here on, also if this throws. Inputs
    /// that are computed in float32 are those of the first part, and the same in all.</param>
    /// <param name="bias">(outputs of all parts), or null</param>
    /// <param name="fine">
    /// Inputs in sixteen bits: what is left of them by the first eight is quantized once more, at twice the work. The maps into a post-norm
    /// encoder's attention need it, whose inputs have outliers that no weight foretells.
    /// </param>
    public Int8Linear(IReadOnlyList<Int8Weights> parts, float[]? bias, bool fine = false)
        : base(parts[0].Inputs, parts.Sum(part => part.Outputs), bias)
    {
        _parts = parts;
        _fine = fine;
        _wide = parts[0].WideInputs;
        _widePanels = [.. parts.Select(Panels)];
    }

    protected override void Multiply(
        float* input,
        nint inputStride,
        int rows,
        float* output,
        nint outputStride,
        bool accumulate,
        CpuScratch scratch
    )
    {
        var kernel = Int8Kernels.Best;
        var passes = _fine ? 2 : 1;
        var groups = Int8Panels.Groups(Inputs);
        var stride = (nint)groups * kernel.GroupBytes;
        scratch.Prepared.Reserve(passes * rows * stride / sizeof(float));
        var prepared = (byte*)scratch.Prepared.Bytes;
        var steps = scratch.Steps.Reserve(passes * rows);
        var wide = scratch.Wide.Reserve((nint)rows * Math.Max(1, _wide.Length));
        var row = scratch.Row.Reserve(2 * groups); // one row in eight bits, and its rest
        sbyte* first = (sbyte*)row,
            rest = first + groups * Int8Panels.Group;
        row[groups - 1] = row[2 * groups - 1] = 0; // what fills up the last group
        for (var i = 0; i < rows; i++)
        {
            var source = input + i * inputStride;
            Exchange(source, wide + i * _wide.Length, clear: true);
            steps[i] = Int8Rounding.Quantize(new ReadOnlySpan<float>(source, Inputs), first);
            kernel.Prepare(first, groups, prepared + i * stride);
            if (_fine)
            {
                steps[rows + i] = steps[i] / Int8Rounding.FineSteps;
                Int8Rounding.QuantizeRest(source, first, steps[i], rest, Inputs);
                kernel.Prepare(rest, groups, prepared + (rows + i) * stride);
            }
            Exchange(source, wide + i * _wide.Length, clear: false);
        }
        for (var part = 0; part < _parts.Count; output += _parts[part++].Outputs)
        {
            for (var pass = 0; pass < passes; pass++)
            {
                Product(
                    kernel,
                    _parts[part],
                    prepared + pass * rows * stride,
                    stride,
                    rows,
                    steps + pass * rows,
                    groups,
                    output,
                    outputStride,
                    accumulate || pass > 0
                );
            }
            if (_widePanels[part] is { } panels)
            {
                PackedPanels.Multiply(
                    wide,
                    _wide.Length,
                    rows,
                    panels.Start,
                    _wide.Length,
                    _parts[part].Outputs,
                    output,
                    outputStride,
                    accumulate: true
                );
            }
        }
    }

    /// <summary>The product block by block, each block's tiles brought to scale while they are in the first-level cache.</summary>
    private static void Product(
        Int8Kernel kernel,
        Int8Weights part,
        byte* prepared,
        nint stride,
        int rows,
        float* steps,
        int groups,
        float* output,
        nint outputStride,
        bool accumulate
    )
    {
        var tile = stackalloc int[Int8Kernel.TileSums];
        var surplus = stackalloc int[Int8Panels.BlockPanels * Int8Panels.Columns];
        var weights = part.Panels;
        for (var column = 0; column < part.Outputs; )
        {
            var panels = Math.Min(Int8Panels.BlockPanels, Int8Panels.Panels(part.Outputs - column));
            var columns = panels * Int8Panels.Columns;
            var real = Math.Min(columns, part.Outputs - column);
            for (var j = 0; j < real; j++)
                surplus[j] = kernel.Offset * part.Sums[column + j];
            for (var i = 0; i < rows; i += Int8Kernel.TileRows)
            {
                var count = Math.Min(Int8Kernel.TileRows, rows - i);
                kernel.Tile(prepared + i * stride, stride, count, weights, panels, groups, tile);
                Int8Rounding.Rescale(
                    tile,
                    columns,
                    surplus,
                    steps + i,
                    part.Scales + column,
                    output + i * outputStride + column,
                    outputStride,
                    count,
                    real,
                    accumulate
                );
            }
            weights += (nint)groups * columns * Int8Panels.Group;
            column += columns;
        }
    }

    public override void Dispose()
    {
        foreach (var part in _parts)
            part.Dispose();
        foreach (var panels in _widePanels)
            panels?.Dispose();
    }

    /// <summary>Takes the wide inputs out of a row and leaves zeros, or puts them back.</summary>
    private void Exchange(float* row, float* wide, bool clear)
    {
        for (var k = 0; k < _wide.Length; k++)
        {
            if (clear)
                wide[k] = row[_wide[k]];
            row[_wide[k]] = clear ? 0 : wide[k];
        }
    }

    /// <summary>The wide inputs' weights as panels, or null where there are none.</summary>
    private static AlignedBuffer? Panels(Int8Weights part)
    {
        var wide = part.WideInputs.Length;
        if (wide == 0)
            return null;
        AlignedBuffer panels = new(PackedPanels.Size(wide, part.Outputs));
        fixed (float* taken = part.Wide)
            PackedPanels.PackTransposed(taken, wide, wide, part.Outputs, panels.Start);
        return panels;
    }
}
