using System.Runtime.CompilerServices;

namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>The tile loops over vectors of 128 or 256 bits: four rows by two vectors of columns are held in registers.</summary>
internal sealed unsafe class Int8LaneKernel<TLanes, TSums, TWeights, TInputs> : Int8Kernel
    where TLanes : struct, IInt8Lanes<TSums, TWeights, TInputs>
    where TSums : struct
    where TWeights : struct
    where TInputs : struct
{
    public override string Name => TLanes.Name;

    public override int Offset => TLanes.Offset;

    public override int GroupBytes => TLanes.GroupBytes;

    public override void Prepare(sbyte* row, int groups, byte* target) => TLanes.Prepare(row, groups, target);

    public override void Tile(byte* inputs, nint inputStride, int rows, sbyte* weights, int panels, int groups, int* sums)
    {
        var columns = panels * Int8Panels.Columns;
        for (var column = 0; column < columns; column += 2 * TLanes.Columns)
        {
            var block = weights + (nint)column * Int8Panels.Group;
            if (rows == TileRows)
            {
                Rows4(inputs, inputStride, block, columns, groups, sums + column);
                continue;
            }
            for (var row = 0; row < rows; row++)
                Rows1(inputs + row * inputStride, block, columns, groups, sums + row * columns + column);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4(byte* inputs, nint stride, sbyte* weights, int columns, int groups, int* sums)
    {
        TSums s00 = default,
            s01 = default,
            s10 = default,
            s11 = default,
            s20 = default,
            s21 = default,
            s30 = default,
            s31 = default;
        byte* second = inputs + stride,
            third = second + stride,
            fourth = third + stride;
        nint at = 0;
        for (var group = 0; group < groups; group++, at += TLanes.GroupBytes, weights += columns * Int8Panels.Group)
        {
            var left = TLanes.Load(weights);
            var right = TLanes.Load(weights + TLanes.Columns * Int8Panels.Group);
            var x = TLanes.Broadcast(inputs + at);
            s00 = TLanes.Add(s00, x, left);
            s01 = TLanes.Add(s01, x, right);
            x = TLanes.Broadcast(second + at);
            s10 = TLanes.Add(s10, x, left);
            s11 = TLanes.Add(s11, x, right);
            x = TLanes.Broadcast(third + at);
            s20 = TLanes.Add(s20, x, left);
            s21 = TLanes.Add(s21, x, right);
            x = TLanes.Broadcast(fourth + at);
            s30 = TLanes.Add(s30, x, left);
            s31 = TLanes.Add(s31, x, right);
        }
        TLanes.Store(s00, sums);
        TLanes.Store(s01, sums + TLanes.Columns);
        TLanes.Store(s10, sums + columns);
        TLanes.Store(s11, sums + columns + TLanes.Columns);
        TLanes.Store(s20, sums + 2 * columns);
        TLanes.Store(s21, sums + 2 * columns + TLanes.Columns);
        TLanes.Store(s30, sums + 3 * columns);
        TLanes.Store(s31, sums + 3 * columns + TLanes.Columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1(byte* inputs, sbyte* weights, int columns, int groups, int* sums)
    {
        TSums left = default,
            right = default;
        for (var group = 0; group < groups; group++, inputs += TLanes.GroupBytes, weights += columns * Int8Panels.Group)
        {
            var x = TLanes.Broadcast(inputs);
            left = TLanes.Add(left, x, TLanes.Load(weights));
            right = TLanes.Add(right, x, TLanes.Load(weights + TLanes.Columns * Int8Panels.Group));
        }
        TLanes.Store(left, sums);
        TLanes.Store(right, sums + TLanes.Columns);
    }
}
