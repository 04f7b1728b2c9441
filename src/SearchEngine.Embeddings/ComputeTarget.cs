namespace SearchEngine.Embeddings;

/// <summary>
/// The devices and the data type that the options come to on this machine.
/// </summary>
/// <param name="Devices">One model replica each, at least one; all of a kind.</param>
/// <param name="DataType">The type of weights and hidden states.</param>
/// <param name="Int8">Linear maps in eight bits; then <paramref name="DataType"/> is float32.</param>
internal sealed record ComputeTarget(IReadOnlyList<ComputeDevice> Devices, ComputeType DataType, bool Int8)
{
    /// <summary>True if the model runs on the CPU.</summary>
    public bool IsCpu => !Devices[0].IsCuda;

    /// <summary>Resolves the names of <see cref="Llm2VecOptions.Device"/> and <see cref="Llm2VecOptions.DataType"/>.</summary>
    /// <exception cref="ArgumentException">A name is not known, or this machine does not have the device.</exception>
    /// <param name="device">As in <see cref="Llm2VecOptions.Device"/>.</param>
    /// <param name="dataType">As in <see cref="Llm2VecOptions.DataType"/>.</param>
    /// <param name="quantized">Whether the model's weights are in eight or four bits: on the CPU they run as int8 unless told
    /// otherwise.</param>
    public static ComputeTarget Resolve(string device, string dataType, bool quantized = false)
    {
        // The names first: a misspelt one is told without waiting for libtorch.
        var cuda = device switch
        {
            "cpu" => false,
            "auto" or "cuda" => true,
            _ when Indices(device) is not null => true,
            _ => throw new ArgumentException(
                $"The device '{device}' is not known; known are auto, cpu, cuda, and cuda:N or several of them with commas between.",
                nameof(device)
            ),
        };
        if (dataType is not ("auto" or "float32" or "bfloat16" or "float16" or "int8"))
        {
            throw new ArgumentException(
                $"The data type '{dataType}' is not known; known are auto, float32, bfloat16, float16 and int8.",
                nameof(dataType)
            );
        }

        List<ComputeDevice> devices = [];
        if (cuda && !(device == "auto" && dataType == "int8"))
        {
            if (EncoderProvider.Torch is null && device != "auto")
            {
                throw new ArgumentException(
                    $"CUDA runs on libtorch, which this program does not have; {EncoderProvider.Advice}, or use --device cpu.",
                    nameof(device)
                );
            }
            var count = EncoderProvider.Torch?.CountCudaDevices() ?? 0;
            if (count == 0 && device != "auto")
            {
                throw new ArgumentException(
                    "There is no CUDA device here, or this build has no CUDA libraries; build with -p:TorchDevice=cuda, or use --device cpu.",
                    nameof(device)
                );
            }
            foreach (var index in Indices(device) ?? Enumerable.Range(0, count))
            {
                if (index < 0 || index >= count)
                    throw new ArgumentException($"There is no CUDA device {index}; this machine has {count}.", nameof(device));
                devices.Add(new ComputeDevice(IsCuda: true, index));
            }
        }
        if (devices.Count > 0 && dataType == "int8")
            throw new ArgumentException("int8 runs on the CPU only; use --device cpu, or bfloat16 on CUDA.", nameof(dataType));
        var type = dataType switch
        {
            "bfloat16" => ComputeType.BFloat16,
            "float16" => ComputeType.Float16,
            "auto" when devices.Count > 0 => ComputeType.BFloat16,
            _ => ComputeType.Float32,
        };
        return new ComputeTarget(
            devices.Count > 0 ? devices : [new ComputeDevice(IsCuda: false, 0)],
            type,
            dataType == "int8" || (dataType == "auto" && quantized && devices.Count == 0)
        );
    }

    /// <summary>The numbers of "cuda:0" or "cuda:0,cuda:2", each once; null if it is neither.</summary>
    private static int[]? Indices(string device)
    {
        const string Prefix = "cuda:";
        List<int> indices = [];
        foreach (var part in device.Split(',', StringSplitOptions.TrimEntries))
        {
            if (
                !part.StartsWith(Prefix, StringComparison.Ordinal)
                || !int.TryParse(
                    part.AsSpan(Prefix.Length),
                    System.Globalization.NumberStyles.None,
                    System.Globalization.CultureInfo.InvariantCulture,
                    out var index
                )
            )
            {
                return null;
            }
            if (!indices.Contains(index))
                indices.Add(index);
        }
        return [.. indices];
    }
}
