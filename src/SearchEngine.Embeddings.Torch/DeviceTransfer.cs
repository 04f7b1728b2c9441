using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// Brings arrays to a device without making the calling thread wait: through page-locked memory, which libtorch keeps until the copy is
/// done although the tensor is disposed. On the CPU nothing is copied a second time.
/// </summary>
internal static class DeviceTransfer
{
    /// <summary>A tensor of the array's elements on a device.</summary>
    public static Tensor Upload(long[] values, Device device) => Upload(tensor(values), device);

    /// <inheritdoc cref="Upload(long[], Device)"/>
    public static Tensor Upload(float[] values, Device device) => Upload(tensor(values), device);

    private static Tensor Upload(Tensor host, Device device)
    {
        if (device.type != DeviceType.CUDA)
            return host;
        using var pageable = host;
        using var pinned = pageable.pin_memory();
        return pinned.to(device, non_blocking: true);
    }

    /// <summary>The elements of a float32 tensor; waits for them.</summary>
    public static float[] Download(Tensor values)
    {
        if (values.device_type != DeviceType.CUDA)
            return values.data<float>().ToArray();
        using var host = empty(values.shape, ScalarType.Float32);
        using var pinned = host.pin_memory();
        pinned.copy_(values, nonBlocking: false);
        return pinned.data<float>().ToArray();
    }
}
