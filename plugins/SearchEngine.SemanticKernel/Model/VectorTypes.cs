using System.Collections;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// The .NET forms of a vector and their conversion to and from float32, which is what the engine stores. float, Half and sbyte components
/// survive the round trip bit for bit; bits become the components 0 and 1.
/// </summary>
internal static class VectorTypes
{
    /// <summary>The supported forms, for messages.</summary>
    public const string Supported =
        "ReadOnlyMemory<float>, Embedding<float>, float[], ReadOnlyMemory<Half>, Embedding<Half>, Half[], "
        + "ReadOnlyMemory<sbyte>, Embedding<sbyte>, sbyte[], BinaryEmbedding, BitArray";

    private static readonly HashSet<Type> Types =
    [
        typeof(ReadOnlyMemory<float>),
        typeof(Embedding<float>),
        typeof(float[]),
        typeof(ReadOnlyMemory<Half>),
        typeof(Embedding<Half>),
        typeof(Half[]),
        typeof(ReadOnlyMemory<sbyte>),
        typeof(Embedding<sbyte>),
        typeof(sbyte[]),
        typeof(BinaryEmbedding),
        typeof(BitArray),
    ];

    // Empty like any other vector of no components, and yet to be told from them: they point into an array that nobody else has.
    private static readonly float[] NotLoadedFloats = new float[1];
    private static readonly Half[] NotLoadedHalves = new Half[1];
    private static readonly sbyte[] NotLoadedBytes = new sbyte[1];

    /// <summary>
    /// What a property that cannot be null has where the vector was not read: an empty vector that <see cref="IsNotLoaded"/> knows again,
    /// also in a copy of the record. Null for properties that are null then.
    /// </summary>
    public static object? NotLoaded(Type type) =>
        type == typeof(ReadOnlyMemory<float>) ? (object)new ReadOnlyMemory<float>(NotLoadedFloats, 0, 0)
        : type == typeof(ReadOnlyMemory<Half>) ? (object)new ReadOnlyMemory<Half>(NotLoadedHalves, 0, 0)
        : type == typeof(ReadOnlyMemory<sbyte>) ? (object)new ReadOnlyMemory<sbyte>(NotLoadedBytes, 0, 0)
        : (object?)null;

    /// <summary>Whether the value is the one that <see cref="NotLoaded"/> gave.</summary>
    public static bool IsNotLoaded(object? value) =>
        value switch
        {
            ReadOnlyMemory<float> { Length: 0 } memory => PointsInto(memory, NotLoadedFloats),
            ReadOnlyMemory<Half> { Length: 0 } memory => PointsInto(memory, NotLoadedHalves),
            ReadOnlyMemory<sbyte> { Length: 0 } memory => PointsInto(memory, NotLoadedBytes),
            _ => false,
        };

    /// <summary>Whether a vector property may have the type.</summary>
    public static bool IsSupported(Type type) => Types.Contains(Nullable.GetUnderlyingType(type) ?? type);

    /// <summary>The vector as float32; false where the value is no vector.</summary>
    public static bool TryRead(object? value, out ReadOnlyMemory<float> vector)
    {
        switch (value)
        {
            case ReadOnlyMemory<float> memory:
                vector = memory;
                return true;
            case float[] array:
                vector = array;
                return true;
            case Embedding<float> embedding:
                vector = embedding.Vector;
                return true;
            case ReadOnlyMemory<Half> memory:
                vector = Widen(memory.Span);
                return true;
            case Half[] array:
                vector = Widen(array);
                return true;
            case Embedding<Half> embedding:
                vector = Widen(embedding.Vector.Span);
                return true;
            case ReadOnlyMemory<sbyte> memory:
                vector = Widen(memory.Span);
                return true;
            case sbyte[] array:
                vector = Widen(array);
                return true;
            case Embedding<sbyte> embedding:
                vector = Widen(embedding.Vector.Span);
                return true;
            case BinaryEmbedding embedding:
                vector = Widen(embedding.Vector);
                return true;
            case BitArray bits:
                vector = Widen(bits);
                return true;
            case Memory<float> memory:
                vector = memory;
                return true;
            default:
                vector = default;
                return false;
        }
    }

    /// <summary>The stored vector in the form that the property has.</summary>
    public static object Write(ReadOnlyMemory<float> vector, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(ReadOnlyMemory<float>))
            return vector;
        if (type == typeof(float[]))
            return vector.ToArray();
        if (type == typeof(Embedding<float>))
            return new Embedding<float>(vector);
        if (type == typeof(ReadOnlyMemory<Half>))
            return new ReadOnlyMemory<Half>(ToHalf(vector.Span));
        if (type == typeof(Half[]))
            return ToHalf(vector.Span);
        if (type == typeof(Embedding<Half>))
            return new Embedding<Half>(ToHalf(vector.Span));
        if (type == typeof(ReadOnlyMemory<sbyte>))
            return new ReadOnlyMemory<sbyte>(ToSByte(vector.Span));
        if (type == typeof(sbyte[]))
            return ToSByte(vector.Span);
        if (type == typeof(Embedding<sbyte>))
            return new Embedding<sbyte>(ToSByte(vector.Span));
        if (type == typeof(BinaryEmbedding))
            return new BinaryEmbedding(ToBits(vector.Span));
        if (type == typeof(BitArray))
            return ToBits(vector.Span);
        throw new NotSupportedException($"A vector cannot be read as '{type.Name}'. Supported types: {Supported}.");
    }

    private static bool PointsInto<T>(ReadOnlyMemory<T> memory, T[] array) =>
        MemoryMarshal.TryGetArray(memory, out var segment) && ReferenceEquals(segment.Array, array);

    private static float[] Widen(ReadOnlySpan<Half> source)
    {
        var result = new float[source.Length];
        TensorPrimitives.ConvertToSingle(source, result);
        return result;
    }

    private static float[] Widen(ReadOnlySpan<sbyte> source)
    {
        var result = new float[source.Length];
        TensorPrimitives.ConvertChecked(source, result.AsSpan());
        return result;
    }

    private static float[] Widen(BitArray source)
    {
        var result = new float[source.Length];
        for (var i = 0; i < result.Length; i++)
            result[i] = source[i] ? 1f : 0f;
        return result;
    }

    private static Half[] ToHalf(ReadOnlySpan<float> source)
    {
        var result = new Half[source.Length];
        TensorPrimitives.ConvertToHalf(source, result);
        return result;
    }

    private static sbyte[] ToSByte(ReadOnlySpan<float> source)
    {
        var result = new sbyte[source.Length];
        TensorPrimitives.ConvertSaturating(source, result.AsSpan());
        return result;
    }

    private static BitArray ToBits(ReadOnlySpan<float> source)
    {
        var result = new BitArray(source.Length);
        for (var i = 0; i < source.Length; i++)
            result[i] = source[i] > 0f;
        return result;
    }
}
