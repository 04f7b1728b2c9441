using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// The encoder that runs a <see cref="DecoderModel"/> through libtorch, on the CPU or a CUDA device. Several may share a model: work is
/// put into a CUDA device's queue without waiting, so that with two of them the next batch is in the queue before this one's vectors
/// are read back, and the device never waits for the host.
/// </summary>
internal sealed class TorchEncoder : TextEncoder
{
    private readonly SharedModel _shared;
    private readonly DecoderModel _model;
    private readonly PoolingMode _pooling;

    /// <param name="shared">In evaluation mode; released on disposal.</param>
    /// <param name="pooling">How vectors are made.</param>
    public TorchEncoder(SharedModel shared, PoolingMode pooling)
    {
        shared.AddUser();
        _shared = shared;
        _model = shared.Model;
        _pooling = pooling;
    }

    public override int Dimension => _model.Config.HiddenSize;

    public override int VocabularySize => _model.Config.VocabularySize;

    public override string Description => $"libtorch {_model.Device} {_model.DataType}";

    public override float[][] Encode(ReadOnlySpan<EncoderInput> batch)
    {
        using var guard = inference_mode();
        using var scope = NewDisposeScope();
        PackedBatch packed = new(batch, _model.Device, _model.PadsAttention);
        return packed.Pool(_model.Forward(packed.Ids, packed.Layout, blocks: packed.Blocks), _pooling);
    }

    public override void Dispose() => _shared.Release();
}
