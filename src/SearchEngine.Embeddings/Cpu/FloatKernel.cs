namespace SearchEngine.Embeddings.Cpu;

/// <summary>
/// The innermost loops of the float32 matrix product, for one width of vectors: one panel of columns, C (rows × width) = A·B, or C += A·B.
/// All sum in the order of the inner index; those with a fused multiply-add give the same bits.
/// </summary>
internal sealed unsafe class FloatKernel
{
    private readonly delegate* <bool, float*, nint, nint, float*, nint, float*, nint, bool, void> _panel;

    /// <param name="name">For people: the instructions that it uses.</param>
    /// <param name="lanes">Elements of a vector: the width of a narrow panel. A wide one has three.</param>
    /// <param name="panel">The loops.</param>
    public FloatKernel(string name, int lanes, delegate* <bool, float*, nint, nint, float*, nint, float*, nint, bool, void> panel)
    {
        Name = name;
        Lanes = lanes;
        _panel = panel;
    }

    public string Name { get; }

    public int Lanes { get; }

    /// <summary>Multiplies by one panel.</summary>
    /// <param name="wide">Whether the panel has three vectors of columns, or one.</param>
    /// <param name="a">Row-major, <paramref name="lda"/> elements apart.</param>
    /// <param name="lda">Elements from one row of A to the next.</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="b">The packed panel: <paramref name="k"/> rows of the panel's width.</param>
    /// <param name="k">The inner extent.</param>
    /// <param name="c">The first element of the panel's columns in C.</param>
    /// <param name="ldc">Elements from one row of C to the next.</param>
    /// <param name="accumulate">Adds to C instead of replacing it.</param>
    public void Panel(bool wide, float* a, nint lda, nint rows, float* b, nint k, float* c, nint ldc, bool accumulate) =>
        _panel(wide, a, lda, rows, b, k, c, ldc, accumulate);
}
