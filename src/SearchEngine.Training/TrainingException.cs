namespace SearchEngine.Training;

/// <summary>
/// A training run, a tokenizer training or an evaluation that cannot start or go on: the message names what is wrong and what to do.
/// </summary>
public sealed class TrainingException : Exception
{
    /// <summary>Creates the exception.</summary>
    public TrainingException(string message)
        : base(message) { }

    /// <summary>Creates the exception with its cause.</summary>
    public TrainingException(string message, Exception innerException)
        : base(message, innerException) { }
}
