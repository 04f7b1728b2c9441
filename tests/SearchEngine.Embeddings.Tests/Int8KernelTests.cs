using System.Runtime.Intrinsics.X86;
using SearchEngine.Embeddings.Cpu.EightBit;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

/// <summary>Every eight-bit kernel of this processor gives the integers of plain arithmetic.</summary>
public unsafe class Int8KernelTests
{
    private const int Seed = 19;

    public static TheoryData<int, int, int> Shapes() =>
        new()
        {
            { 1, 1, 1 },
            { 2, 16, 4 },
            { 3, 17, 5 },
            { 4, 64, 64 },
            { 5, 65, 7 },
            { 9, 100, 130 },
            { 12, 48, 513 },
            { 4, 33, 14336 },
        };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ProductsAreExact(int rows, int columns, int inner)
    {
        Random numbers = new(Seed);
        Check(rows, columns, inner, _ => (sbyte)numbers.Next(-127, 128));
    }

    /// <summary>Where sums are largest, instructions that saturate would be found out.</summary>
    [Theory]
    [InlineData(127, 127)]
    [InlineData(-127, 127)]
    [InlineData(127, -127)]
    [InlineData(-127, -127)]
    public void TheLargestNumbersDoNotSaturate(int input, int weight) => Check(4, 64, 256, isInput => (sbyte)(isInput ? input : weight));

    /// <summary>What native programs ask the system gives the answer that the runtime's compiler got of it.</summary>
    [Fact]
    public void TheSystemKeepsVectorsOf512BitsWhereTheRuntimeUsesThem()
    {
        if (Avx512F.IsSupported)
            Assert.True(Vnni512Kernel.SystemKeepsVectors());
        if (!X86Base.X64.IsSupported)
            Assert.False(Vnni512Kernel.SystemKeepsVectors());
    }

    private static void Check(int rows, int columns, int inner, Func<bool, sbyte> number)
    {
        var a = Fill(rows * inner, isInput: true);
        var b = Fill(columns * inner, isInput: false); // (columns, inner)
        int groups = Int8Panels.Groups(inner),
            width = Int8Panels.Group * groups;
        var packed = new sbyte[Int8Panels.Size(inner, columns)];
        fixed (
            sbyte* source = b,
                target = packed
        )
        {
            Int8Panels.Pack(source, inner, inner, columns, target);
        }
        foreach (var kernel in Int8Kernels.Available())
        {
            var stride = groups * kernel.GroupBytes;
            var prepared = new byte[rows * stride];
            fixed (byte* target = prepared)
            {
                for (var i = 0; i < rows; i++)
                {
                    var row = new sbyte[width];
                    a.AsSpan(i * inner, inner).CopyTo(row);
                    fixed (sbyte* source = row)
                        kernel.Prepare(source, groups, target + i * stride);
                }
            }
            var sums = Multiply(kernel, prepared, stride, rows, packed, groups, columns);
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < columns; j++)
                {
                    long wanted = 0,
                        column = 0;
                    for (var k = 0; k < inner; k++)
                    {
                        wanted += a[i * inner + k] * b[j * inner + k];
                        column += b[j * inner + k];
                    }
                    Assert.True(
                        wanted == sums[i, j] - kernel.Offset * column,
                        $"{kernel.Name}, seed {Seed}: ({i}, {j}) is {sums[i, j] - kernel.Offset * column}, not {wanted}."
                    );
                }
            }
        }

        sbyte[] Fill(int count, bool isInput) => [.. Enumerable.Range(0, count).Select(_ => number(isInput))];
    }

    private static int[,] Multiply(Int8Kernel kernel, byte[] prepared, int stride, int rows, sbyte[] packed, int groups, int columns)
    {
        const int Untouched = 0x5a5a5a5a;
        var result = new int[rows, columns];
        var tile = stackalloc int[Int8Kernel.TileSums + 1];
        fixed (byte* inputs = prepared)
        fixed (sbyte* weights = packed)
        {
            var block = weights;
            for (var j = 0; j < columns; )
            {
                var panels = Math.Min(Int8Panels.BlockPanels, Int8Panels.Panels(columns - j));
                var width = panels * Int8Panels.Columns;
                for (var i = 0; i < rows; i += Int8Kernel.TileRows)
                {
                    var count = Math.Min(Int8Kernel.TileRows, rows - i);
                    new Span<int>(tile, Int8Kernel.TileSums + 1).Fill(Untouched);
                    kernel.Tile(inputs + i * stride, stride, count, block, panels, groups, tile);
                    Assert.Equal(Untouched, tile[count * width]); // nothing behind the tile is written
                    for (var t = 0; t < count; t++)
                    {
                        for (var c = 0; c < Math.Min(width, columns - j); c++)
                            result[i + t, j + c] = tile[t * width + c];
                    }
                }
                block += groups * width * Int8Panels.Group;
                j += width;
            }
        }
        return result;
    }
}
