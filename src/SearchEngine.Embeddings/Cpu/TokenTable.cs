using System.Buffers;
using System.Numerics.Tensors;
using SearchEngine.Embeddings.Cpu.Packing;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>
/// The rows of a token table as float32, made when they are asked for: of a table that lies in an open file as it is, in any float type or
/// quantized, or of one in memory that adapters have changed. Thread-safe.
/// </summary>
internal sealed unsafe class TokenTable : IDisposable
{
    private readonly SafetensorsSet _weights;
    private readonly SafetensorsEntry? _stored;
    private readonly AlignedBuffer? _own;
    private readonly byte* _start;
    private readonly float* _scales;
    private readonly float* _columnScales;
    private readonly int _width;

    /// <param name="weights">The open file, which must stay open.</param>
    /// <param name="table">(rows, width), a float type or quantized</param>
    /// <exception cref="ModelFormatException">A scale of a quantized table is none, or the tensor is of no type that weights have.</exception>
    public TokenTable(SafetensorsSet weights, SafetensorsEntry table)
    {
        _weights = weights;
        _stored = table;
        _width = (int)table.Shape[1];
        if (table is QuantizedEntry quantized)
        {
            if (quantized.Form == QuantizedForm.Int8Panels || quantized.WideInputs is not null)
                throw new ModelFormatException(weights.Path, $"tensor '{table.Name}' is a token table, but is stored as a linear map.");
            QuantizedReader.CheckScales(weights, quantized);
            _start = (byte*)weights.Pointer(quantized.Elements);
            _scales = (float*)weights.Pointer(quantized.Scales);
            if (quantized.ColumnScales is not null)
                _columnScales = (float*)weights.Pointer(quantized.ColumnScales);
        }
        else
        {
            _start = (byte*)weights.Pointer(table);
        }
    }

    private TokenTable(SafetensorsSet weights, float* changed, AlignedBuffer? own, int width)
    {
        _weights = weights;
        _own = own;
        _start = (byte*)changed;
        _width = width;
    }

    /// <summary>A model's table.</summary>
    /// <param name="source">The checkpoint, which must stay open.</param>
    /// <param name="packed">Where a table that adapters have changed is found, or goes to be kept; null for neither.</param>
    /// <param name="name">The tensor's name.</param>
    /// <param name="rows">Tokens.</param>
    /// <param name="width">Elements of a row.</param>
    public static TokenTable Load(IWeightSource source, PackedWeights? packed, string name, int rows, int width)
    {
        if (source.Stored(name) is { } stored)
            return new TokenTable(source.Weights, stored);
        var bytes = (long)rows * width * sizeof(float);
        var found = (float*)(packed is null ? null : packed.Find(name, bytes));
        if (found is not null)
            return new TokenTable(source.Weights, found, null, width);
        AlignedBuffer table = new((nint)rows * width);
        try
        {
            source.Read(name, table.Start);
            if (packed?.Take(name, table.Start, bytes) == true)
                table.Dispose();
            return new TokenTable(source.Weights, table.Start, table, width);
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>One token's row.</summary>
    /// <param name="token">Inside the vocabulary.</param>
    /// <param name="target">As many elements as a row has.</param>
    public void Read(int token, Span<float> target)
    {
        // SAFETY: the token is inside the vocabulary, which the table's shape was held against.
        if (_stored is null)
        {
            new ReadOnlySpan<float>((float*)_start + (nint)token * _width, _width).CopyTo(target);
        }
        else if (_stored is QuantizedEntry { Form: QuantizedForm.Int4 } packed)
        {
            var steps = ArrayPool<sbyte>.Shared.Rent(_width);
            fixed (sbyte* row = steps)
                QuantizedReader.UnpackRow(_weights, packed, token, row);
            QuantizedReader.Widen(steps.AsSpan(0, _width), _scales[token], target);
            ArrayPool<sbyte>.Shared.Return(steps);
        }
        else if (_stored is QuantizedEntry)
        {
            QuantizedReader.Widen(new ReadOnlySpan<sbyte>((sbyte*)_start + (nint)token * _width, _width), _scales[token], target);
        }
        else
        {
            WeightReader.Convert(_weights, _stored, _start + (nint)token * _width * _stored.DataType.ElementSize(), target);
        }
        if (_columnScales is not null)
            TensorPrimitives.Multiply(target, new ReadOnlySpan<float>(_columnScales, _width), target);
    }

    public void Dispose() => _own?.Dispose();
}
