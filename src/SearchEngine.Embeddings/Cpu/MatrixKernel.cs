namespace SearchEngine.Embeddings.Cpu;

/// <summary>
/// The innermost loops of the float32 matrix product, for one width of vectors: blocks of rows × one panel of columns held in registers
/// (Goto and van de Geijn 2008). One multiply-add for each pair of a broadcast element of A and a vector of B.
/// </summary>
internal static unsafe partial class MatrixKernel<TLanes, TVector>
    where TLanes : struct, IFloatLanes<TVector>
    where TVector : struct
{
    /// <inheritdoc cref="FloatKernel.Panel"/>
    public static void Panel(bool wide, float* a, nint lda, nint rows, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        if (wide)
            Panel3(a, lda, rows, b, k, c, ldc, accumulate);
        else
            Panel1(a, lda, rows, b, k, c, ldc, accumulate);
    }
}
