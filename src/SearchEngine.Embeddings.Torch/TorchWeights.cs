using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// An encoder's weights on one device by their names, shared by encoders that count their use. Never changes after loading.
/// </summary>
internal sealed class TorchWeights
{
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private int _users;

    /// <param name="encoder">The checkpoint, checked.</param>
    /// <param name="names">What to load.</param>
    /// <param name="file">The open file of the checkpoint.</param>
    /// <param name="device">Where the weights go.</param>
    /// <param name="dataType">Their type there.</param>
    public TorchWeights(EncoderWeights encoder, IEnumerable<string> names, SafetensorsSet file, Device device, ScalarType dataType)
    {
        TorchRuntime.EnsureLoaded();
        Device = device;
        DataType = dataType;
        using var guard = no_grad();
        try
        {
            foreach (var name in names)
            {
                var entry = encoder.Entry(name);
                var tensor = empty(entry.Shape, dataType, device).DetachFromDisposeScope();
                _tensors.Add(name, tensor);
                TensorBytes.Fill(tensor, file, entry);
            }
        }
        catch
        {
            Free();
            throw;
        }
    }

    public Device Device { get; }

    public ScalarType DataType { get; }

    public Tensor this[string name] => _tensors[name];

    /// <summary>One more encoder uses the weights.</summary>
    public void AddUser() => Interlocked.Increment(ref _users);

    /// <summary>One encoder less; the last frees the weights.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            Free();
    }

    private void Free()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
        _tensors.Clear();
    }
}
