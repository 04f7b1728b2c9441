namespace SearchEngine.Vectors;

/// <summary>What an <see cref="IndexHeader"/> tells of its image.</summary>
[Flags]
internal enum IndexFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Nothing changed while the image was taken.</summary>
    Clean = 1,

    /// <summary>A vector was added that codes and estimates do not hold for (<see cref="Quantization.VectorCodec.Fits"/>).</summary>
    BeyondCodes = 2,
}
