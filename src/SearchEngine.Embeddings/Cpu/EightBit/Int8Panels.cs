namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>
/// The layout of eight-bit weights that all kernels read, the same on every processor: columns in blocks of up to four panels of sixteen;
/// in a block, for each group of four inner elements, the four of each column side by side. Inner extent and columns are filled up with
/// zeros.
/// </summary>
internal static unsafe class Int8Panels
{
    /// <summary>Inner elements that lie side by side: what a dot-product instruction takes of one column.</summary>
    public const int Group = 4;

    /// <summary>Columns of a panel: a 512-bit vector of groups.</summary>
    public const int Columns = 16;

    /// <summary>Panels of a block, at most.</summary>
    public const int BlockPanels = 4;

    /// <summary>Groups of an inner extent.</summary>
    public static int Groups(int inner) => (inner + Group - 1) / Group;

    /// <summary>Panels of so many columns.</summary>
    public static int Panels(int columns) => (columns + Columns - 1) / Columns;

    /// <summary>Bytes of the packed form of an (inner, columns) matrix.</summary>
    public static nint Size(int inner, int columns) => (nint)Groups(inner) * Group * Panels(columns) * Columns;

    /// <summary>Packs a matrix from its transpose.</summary>
    /// <param name="source">(columns, inner), <paramref name="stride"/> elements apart: row j is column j of the matrix.</param>
    /// <param name="target"><see cref="Size"/> bytes.</param>
    public static void Pack(sbyte* source, nint stride, int inner, int columns, sbyte* target)
    {
        var groups = Groups(inner);
        var panels = Panels(columns);
        for (var panel = 0; panel < panels; panel += BlockPanels)
        {
            var width = Math.Min(BlockPanels, panels - panel) * Columns;
            for (var j = 0; j < width; j++)
            {
                var column = panel * Columns + j;
                for (var g = 0; g < groups; g++)
                {
                    var place = target + ((nint)g * width + j) * Group;
                    for (var i = 0; i < Group; i++)
                    {
                        var k = g * Group + i;
                        place[i] = column < columns && k < inner ? source[column * stride + k] : (sbyte)0;
                    }
                }
            }
            target += (nint)groups * width * Group;
        }
    }

    /// <summary>The transpose back from its packed form, the inverse of <see cref="Pack"/>.</summary>
    /// <param name="source"><see cref="Size"/> bytes.</param>
    /// <param name="target">(columns, inner), contiguous</param>
    public static void Unpack(sbyte* source, int inner, int columns, sbyte* target)
    {
        var groups = Groups(inner);
        var panels = Panels(columns);
        for (var panel = 0; panel < panels; panel += BlockPanels)
        {
            var width = Math.Min(BlockPanels, panels - panel) * Columns;
            var real = Math.Min(width, columns - panel * Columns);
            for (var j = 0; j < real; j++)
            {
                var row = target + ((nint)panel * Columns + j) * inner;
                for (var k = 0; k < inner; k++)
                    row[k] = source[((nint)(k / Group) * width + j) * Group + k % Group];
            }
            source += (nint)groups * width * Group;
        }
    }
}
