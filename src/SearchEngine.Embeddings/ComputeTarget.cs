using TorchSharp;

namespace SearchEngine.Embeddings;

/// <summary>The devices and the data type that the options come to on this machine.</summary>
/// <param name="CudaDevices">Indices of CUDA devices, one model replica each; empty for the CPU.</param>
/// <param name="DataType">The type of weights and hidden states.</param>
/// <param name="Int8">Linear maps in eight bits; then <paramref name="DataType"/> is float32.</param>
internal sealed record ComputeTarget(IReadOnlyList<int> CudaDevices, torch.ScalarType DataType, bool Int8)
{
    /// <summary>True if the model runs on the CPU.</summary>
    public bool IsCpu => CudaDevices.Count == 0;

    /// <summary>Resolves the names of <see cref="Llm2VecOptions.Device"/> and <see cref="Llm2VecOptions.DataType"/>.</summary>
    /// <exception cref="ArgumentException">A name is not known, or this machine does not have the device.</exception>
    public static ComputeTarget Resolve(string device, string dataType)
    {
        // The names first: a misspelt one is told without waiting for libtorch.
        bool cuda = device switch
        {
            "cpu" => false,
            "auto" or "cuda" => true,
            _ when device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(device.AsSpan(5), out _) => true,
            _ => throw new ArgumentException($"The device '{device}' is not known; known are auto, cpu, cuda and cuda:N.", nameof(device)),
        };
        if (dataType is not ("auto" or "float32" or "bfloat16" or "float16" or "int8"))
            throw new ArgumentException($"The data type '{dataType}' is not known; known are auto, float32, bfloat16, float16 and int8.", nameof(dataType));

        List<int> devices = [];
        if (cuda && !(device == "auto" && dataType == "int8"))
        {
            int count = CountCudaDevices();
            if (count == 0 && device != "auto")
                throw new ArgumentException("There is no CUDA device here, or this build has no CUDA libraries; build with -p:TorchDevice=cuda, or use --device cpu.", nameof(device));
            IEnumerable<int> wanted = device.StartsWith("cuda:", StringComparison.Ordinal) ? [int.Parse(device.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture)] : Enumerable.Range(0, count);
            foreach (int index in wanted)
            {
                if (index < 0 || index >= count)
                    throw new ArgumentException($"There is no CUDA device {index}; this machine has {count}.", nameof(device));
                devices.Add(index);
            }
        }
        if (devices.Count > 0 && dataType == "int8")
            throw new ArgumentException("int8 runs on the CPU only; use --device cpu, or bfloat16 on CUDA.", nameof(dataType));
        torch.ScalarType type = dataType switch
        {
            "bfloat16" => torch.ScalarType.BFloat16,
            "float16" => torch.ScalarType.Float16,
            "auto" when devices.Count > 0 => torch.ScalarType.BFloat16,
            _ => torch.ScalarType.Float32,
        };
        return new ComputeTarget(devices, type, dataType == "int8");
    }

    /// <summary>A build without CUDA libraries need not load libtorch to know.</summary>
    private static int CountCudaDevices()
    {
        if (!TorchRuntime.HasCudaLibraries)
            return 0;
        TorchRuntime.EnsureLoaded();
        return torch.cuda.is_available() ? torch.cuda.device_count() : 0;
    }
}
