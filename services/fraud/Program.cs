using Ecom.Fraud;

var builder = WebApplication.CreateBuilder(args);
builder.AddFraud();

var app = builder.Build();
app.MapFraud();
await app.RunAsync();
