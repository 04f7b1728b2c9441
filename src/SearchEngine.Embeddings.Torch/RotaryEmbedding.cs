using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// Rotary position embedding (Su et al. 2021) in the half-rotation layout of Hugging Face checkpoints: element j of a head turns
/// together with element j + d/2. Tables of cosines and signed sines grow with the longest sequence seen. Thread-safe.
/// </summary>
internal sealed class RotaryEmbedding : IDisposable
{
    private readonly double[] _frequencies;
    private readonly double _factor;
    private readonly Device _device;
    private readonly ScalarType _dataType;
    private readonly Lock _lock = new();
    private Tables? _tables;

    public RotaryEmbedding(double theta, int headDim, RopeScaling? scaling, Device device, ScalarType dataType)
    {
        _frequencies = RopeScaling.InverseFrequencies(theta, headDim, scaling);
        _factor = scaling?.AttentionFactor ?? 1;
        _device = device;
        _dataType = dataType;
    }

    /// <summary>
    /// Tables for positions 0 … <paramref name="length"/> - 1 at least, each (positions, 1, head_dim). Not to be disposed by the caller.
    /// </summary>
    public (Tensor Cosine, Tensor SignedSine) For(int length)
    {
        var tables = Volatile.Read(ref _tables);
        if (tables is not null && tables.Length >= length)
            return (tables.Cosine, tables.SignedSine);
        lock (_lock)
        {
            if (_tables is null || _tables.Length < length)
            {
                // The smaller tables may still be in use by another thread; the finalizer frees them.
                Volatile.Write(ref _tables, Create((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, 64))));
            }
            return (_tables!.Cosine, _tables.SignedSine);
        }
    }

    /// <summary>x·cos + swap(x)·(−sin, sin), where swap exchanges the halves of each head.</summary>
    /// <param name="x">(tokens, heads, head_dim)</param>
    /// <param name="cosine">(tokens, 1, head_dim)</param>
    /// <param name="signedSine">(tokens, 1, head_dim)</param>
    public static Tensor Rotate(Tensor x, Tensor cosine, Tensor signedSine)
    {
        using var swapped = x.roll(x.shape[^1] / 2, -1);
        using var turned = x.mul(cosine);
        return turned.addcmul(swapped, signedSine, TorchScalars.One);
    }

    public void Dispose()
    {
        _tables?.Cosine.Dispose();
        _tables?.SignedSine.Dispose();
    }

    private Tables Create(int length)
    {
        var half = _frequencies.Length;
        var cosine = new float[length * half * 2];
        var sine = new float[cosine.Length];
        for (var position = 0; position < length; position++)
        {
            for (var j = 0; j < half; j++)
            {
                (var s, var c) = Math.SinCos(position * _frequencies[j]);
                (s, c) = (s * _factor, c * _factor);
                var at = position * half * 2 + j;
                cosine[at] = cosine[at + half] = (float)c;
                sine[at] = (float)-s;
                sine[at + half] = (float)s;
            }
        }
        return new Tables(length, ToTensor(cosine, length), ToTensor(sine, length));
    }

    private Tensor ToTensor(float[] values, int length)
    {
        using IDisposable scope = NewDisposeScope();
        return tensor(values).reshape(length, 1, _frequencies.Length * 2).to(_dataType, _device).DetachFromDisposeScope();
    }

    private sealed record Tables(int Length, Tensor Cosine, Tensor SignedSine);
}
